import { existsSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { PLATFORM_ACCOUNT } from '#subjects/accounts.ts'

/** Where a server without accounts keeps its streams. */
const WITHOUT_ACCOUNTS = '$G'

/**
 * Streams that a server without accounts has stored belong to the account of the platform from now on. To be called while the
 * server is down; what the account has already is left alone.
 * @param storeDir the server's `store_dir`
 */
export function adoptStreams(storeDir: string): void {
  const [from, to] = [WITHOUT_ACCOUNTS, PLATFORM_ACCOUNT].map((account) =>
    join(storeDir, 'jetstream', account),
  )
  if (existsSync(from!) && !existsSync(to!)) renameSync(from!, to!)
}
