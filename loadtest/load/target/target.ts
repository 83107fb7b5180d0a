import type { Address } from '../generator/messages.ts'
import type { LoadResult } from '../result-schema.ts'

/** What load is put on. */
export interface Target {
  readonly address: Address
  readonly about: LoadResult['target']
  /** Ends a process without a warning, where it is ours to end. @returns whether there was one */
  kill?(service: string): boolean
  close(): Promise<void>
}
