import type { LogMessage } from './log-session.ts'

/** Whose payload a record holds. */
export interface PayloadOf {
  readonly tenant: string
  /** Of which task, where it is one. */
  readonly taskId?: string
}

/** Stands between a process and the records of its streams: nothing is stored without it, and nothing believed. */
export interface RecordGuard {
  /** What is stored in place of a message. @throws MurmurError PAYLOAD_KEY_MISSING */
  sealed(subject: string, data: string | Uint8Array, payload?: PayloadOf): string | Uint8Array
  /** A record as it was written; one that is not genuine has no data, and says why it was `refused`. Never throws. */
  opened<Message extends LogMessage>(message: Message): Message
  /** Told when what could not be opened may be opened now. @returns a function that ends it */
  onKeysChanged(listener: () => void): () => void
}
