import { resolve } from 'node:path'
import { loadPayloadKeys, type PayloadKeyFile } from '#platform/config/payload-keys.ts'
import type { FileStore } from '#platform/storage/file-store.ts'
import {
  archivePlace,
  loadArchiveConfig,
  openArchiveStore,
} from '../../orchestrator/history/archive-config.ts'
import { ArchiveReader } from '../../orchestrator/history/archive-reader.ts'
import type { CliContext } from '../cli-context.ts'

export interface OpenArchive {
  store: FileStore
  reader: ArchiveReader
  /** Undefined: no keys for payloads are set. */
  codec: PayloadKeyFile | undefined
}

/** For tasks of versions that did not say how long they are kept. */
export const KEEP_FINISHED_MS = 86_400_000

/**
 * The archive that a command reads by itself: `--archive`, MURMUR_ARCHIVE, or that of the stack of this machine.
 * @throws MurmurError CONFIG_INVALID
 */
export function openArchive(context: CliContext, place: string | undefined): OpenArchive {
  const { env, home, folder, clock, terminal } = context
  const named = place === undefined || place.startsWith('s3://') ? place : resolve(folder, place)
  const config = loadArchiveConfig(env)
  const store = openArchiveStore({ ...config, place: named ?? config.place ?? archivePlace(home) })
  if (!store) throw new Error('no archive is named')
  const onUnreadable = (key: string, why: string) => terminal.log(`${key} is passed over: ${why}`)
  const codec = payloadKeysOf(context)
  const reader = new ArchiveReader({ store, clock, keepFinishedMs: KEEP_FINISHED_MS, codec, onUnreadable })
  return { store, reader, codec }
}

/** The keys that MURMUR_PAYLOAD_KEYS of the command names; undefined: none. @throws MurmurError CONFIG_INVALID */
export function payloadKeysOf({ env, terminal }: Pick<CliContext, 'env' | 'terminal'>) {
  const log = { info: () => undefined, error: (about: object) => terminal.log(JSON.stringify(about)) }
  return loadPayloadKeys(log as Parameters<typeof loadPayloadKeys>[0], env)
}
