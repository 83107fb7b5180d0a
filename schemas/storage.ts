import { z } from 'zod'

/** How many marks it is above: 0 none; 1 new tasks are refused; 2 half of the rest is used; 3 what may go goes. */
export const storageMarkSchema = z.int().min(0).max(3)
export type StorageMark = 0 | 1 | 2 | 3

/** How full one of the stores is, of what it may hold. */
export const storageLevelSchema = z.object({
  /** A stream by its name in docs/capacity.md (`log`, `steps` …), `objects`, `jetstream` (the account), `redis` (the fullest server), `archive` (its disk). */
  resource: z.string(),
  usedBytes: z.number().min(0),
  /** 0: no limit, or none that is known. */
  limitBytes: z.number().min(0),
  /** 0 to 1 and a little more; by bytes or by messages, whichever is more. 0 without a limit. */
  share: z.number().min(0),
  mark: storageMarkSchema,
  /** The three, as shares. */
  marks: z.array(z.number()).length(3),
  /** Since when it is above that mark and no other. Unix milliseconds, by the broker's clock. */
  sinceMs: z.number(),
  /** Whether new tasks are refused above the first mark; otherwise it is only told. */
  refuses: z.boolean(),
})
export type StorageLevel = z.infer<typeof storageLevelSchema>

/** `murmur.storage.list`: the fullest first. */
export const listStorageResponseSchema = z.object({ storage: z.array(storageLevelSchema) })

/** `system.storage.<resource>`: a mark was crossed, up or down. */
export const storageChangeSchema = z.object({
  v: z.literal(1),
  /** Unix milliseconds, by the broker's clock. */
  atMs: z.number(),
  resource: z.string(),
  mark: storageMarkSchema,
  before: storageMarkSchema,
  share: z.number().min(0),
  usedBytes: z.number().min(0),
  limitBytes: z.number().min(0),
})
export type StorageChange = z.infer<typeof storageChangeSchema>

export const storageLevelExample: StorageLevel = {
  resource: 'log',
  usedBytes: 3_232_000_000,
  limitBytes: 3_758_096_384,
  share: 0.86,
  mark: 1,
  marks: [0.85, 0.92, 0.97],
  sinceMs: 1_790_000_000_000,
  refuses: true,
}

export const storageChangeExample: StorageChange = {
  v: 1,
  atMs: 1_790_000_000_000,
  resource: 'log',
  mark: 1,
  before: 0,
  share: 0.86,
  usedBytes: 3_232_000_000,
  limitBytes: 3_758_096_384,
}
