import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { SetupError } from '../setup-error.ts'
import { makePrivateFolder } from './private-files.ts'
import { identifyProcess, isSameProcess, type ProcessIdentity } from './process-identity.ts'

const RECORD = 'servers.json'
const PRIVATE_FILE = 0o600
const END_GRACE_MS = 5_000
const POLL_INTERVAL_MS = 50

/** Who uses a data folder: the process that started the servers, and the servers. */
export interface ServersRecord {
  owner: ProcessIdentity
  servers: ProcessIdentity[]
}

/** The record in a data folder, or nothing where there is none or it can't be read as one. */
export function readServersRecord(dataDir: string): ServersRecord | undefined {
  try {
    const record = JSON.parse(readFileSync(join(dataDir, RECORD), 'utf8')) as Partial<ServersRecord>
    const isRecord = Array.isArray(record.servers) && typeof record.owner?.pid === 'number'
    return isRecord ? (record as ServersRecord) : undefined
  } catch {
    // Missing, or torn by a crash: it then names nobody, and nobody is ended on its account.
    return undefined
  }
}

/** This process's claim on a data folder: the record of what it runs there. */
export interface DataFolderClaim {
  record(servers: ProcessIdentity[]): void
  release(): void
}

/**
 * Claims the folder. Servers that an earlier, vanished owner left behind are ended: only those that it
 * recorded, and only when pid, start time and program are still the same.
 */
export async function claimDataFolder(dataDir: string): Promise<DataFolderClaim> {
  makePrivateFolder(dataDir)
  const file = join(dataDir, RECORD)
  const owner = identifyProcess(process.pid)!
  const textOf = (servers: ProcessIdentity[]) => JSON.stringify({ owner, servers } satisfies ServersRecord)
  while (!createExclusively(file, textOf([]))) await clearStaleRecord(dataDir)
  return {
    record: (servers) => {
      const next = `${file}.${process.pid}`
      writeFileSync(next, textOf(servers), { mode: PRIVATE_FILE })
      renameSync(next, file)
    },
    release: () => rmSync(file, { force: true }),
  }
}

/** Creates the record unless there is one, in one step: of two that claim at once, one wins. */
function createExclusively(file: string, text: string): boolean {
  try {
    writeFileSync(file, text, { flag: 'wx', mode: PRIVATE_FILE })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

async function clearStaleRecord(dataDir: string): Promise<void> {
  const earlier = readServersRecord(dataDir)
  if (earlier && isSameProcess(earlier.owner)) {
    throw new SetupError(
      'DATA_IN_USE',
      `The data in ${dataDir} is in use by process ${earlier.owner.pid}.`,
      'Use that one (murmur doctor shows it), stop it, or choose another folder with MURMUR_HOME.',
    )
  }
  for (const left of earlier?.servers ?? []) await endLeftOver(left)
  rmSync(join(dataDir, RECORD), { force: true })
}

async function endLeftOver(left: ProcessIdentity): Promise<void> {
  if (!isSameProcess(left)) return
  process.kill(left.pid, 'SIGTERM')
  const startedAtMs = performance.now()
  while (isSameProcess(left)) {
    if (performance.now() - startedAtMs > END_GRACE_MS) process.kill(left.pid, 'SIGKILL')
    await sleep(POLL_INTERVAL_MS)
  }
}

/** Writes a file that nobody else on this machine may read, also where an earlier version has left one that they may. */
export function writePrivately(file: string, text: string): void {
  const next = `${file}.${process.pid}`
  writeFileSync(next, text, { mode: PRIVATE_FILE })
  renameSync(next, file)
}
