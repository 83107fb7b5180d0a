import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { markdownTables } from './load/evaluation/markdown-tables.ts'
import { RESULTS_FOLDER } from './load/evaluation/read-results.ts'
import type { TablesResult } from './load/evaluation/tables-schema.ts'
import { originOf } from './load/origin.ts'
import { PEERS_USAGE, type PeersOptions, parsePeersOptions } from './peers/harness/options.ts'
import { type Peer, PeerMissing } from './peers/harness/peer.ts'
import { type PeerOutcome, peersResult } from './peers/harness/peers-result.ts'
import { runLoads, runRecovery, settingsOf } from './peers/harness/run-peers.ts'
import { PEERS } from './peers/peer-list.ts'

/**
 * `npm run bench:peers`: the same task on this system and on its peers, one after the other on this machine; docs/load.md. What a peer needs is fetched
 * into a cache before anything is measured; one that can't be had is left out, and the tables say why. Exit codes: 0; 1 when nothing could be
 * measured; 2 for wrong arguments.
 */
const say = (line: string) => process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`)

async function main(options: PeersOptions): Promise<void> {
  const command = `npm run bench:peers -- ${process.argv.slice(2).join(' ')}`
  const outcomes = new Map<Peer, PeerOutcome>()
  for (const peer of PEERS.filter(({ name }) => options.only.includes(name)))
    outcomes.set(peer, await installed(peer))
  if (options.isInstallOnly) return
  const origin = originOf(command, new Date())
  const dir = mkdtempSync(join(tmpdir(), 'murmur-peers-'))
  // PostgreSQL is another user.
  chmodSync(dir, 0o711)
  try {
    const again = await measureAll(outcomes, options, dir)
    const result = peersResult([...outcomes.values()], settingsOf(options, again), origin)
    process.stdout.write(`${markdownTables(result)}\n`)
    if (options.json !== undefined) write(resolve(options.json), result)
    if (options.isRecorded) {
      write(join(RESULTS_FOLDER, 'peers.json'), result)
      say('kept: npm run docs writes docs/EVALUATION_RESULTS.md')
    }
    if (![...outcomes.values()].some(({ throughput }) => throughput !== undefined)) process.exitCode = 1
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

async function installed(peer: Peer): Promise<PeerOutcome> {
  const { title, about } = peer
  try {
    const versions = await peer.install(say)
    say(`${title}: ${versions}`)
    return { title, about, versions }
  } catch (error) {
    if (!(error instanceof PeerMissing)) throw error
    say(`${title} is left out: ${error.message}`)
    return { title, about, failure: `left out, ${error.message.replaceAll('\n', ' ')}` }
  }
}

/** @returns the first peer once more, after all others */
async function measureAll(
  outcomes: ReadonlyMap<Peer, PeerOutcome>,
  options: PeersOptions,
  dir: string,
): Promise<PeerOutcome | undefined> {
  const there = [...outcomes].filter(([, { versions }]) => versions !== undefined)
  const at = { dir, report: say }
  for (const [peer, outcome] of there) {
    await noting(outcome, 'under load', () => runLoads(peer, options, at, outcome))
    const { throughput, openLoop, idleMb } = outcome
    say(
      `${peer.title}: ${throughput?.tasksPerSecond} tasks/s (others took ${throughput?.othersShare}), p50 ${openLoop?.p50Ms} ms, p99 ${openLoop?.p99Ms} ms, ${idleMb} MB idle`,
    )
  }
  const [first] = there
  const once = first && there.length > 1 ? againOf(first[1]) : undefined
  if (first && once) await noting(once, 'once more', () => runLoads(first[0], options, at, once))
  const recoveries: Promise<void>[] = []
  for (const [peer, outcome] of there)
    for (const tuning of peer.about.recoveryTuned === undefined
      ? (['default'] as const)
      : (['tuned', 'default'] as const)) {
      const { finished } = await runRecovery(
        peer,
        tuning,
        { ...at, recoverySeconds: options.recoverySeconds },
        outcome,
      )
      recoveries.push(noting(outcome, `recovery, ${tuning}`, () => finished))
    }
  await Promise.all(recoveries)
  return once
}

function againOf({ title, about, versions }: PeerOutcome): PeerOutcome {
  return { title: `${title}, at the end`, about, ...(versions !== undefined && { versions }) }
}

/** What goes wrong with one peer is said, and the others go on. */
async function noting(outcome: PeerOutcome, what: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    const message = (error as Error).message.replaceAll('\n', ' ').slice(0, 300)
    say(`${outcome.title}, ${what}: ${(error as Error).message}`)
    outcome.failure = [outcome.failure, `${what}: ${message}`].filter((part) => part !== undefined).join('; ')
  }
}

function write(file: string, result: TablesResult): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`)
}

function optionsOrUsage(): PeersOptions | undefined {
  try {
    return parsePeersOptions(
      process.argv.slice(2),
      PEERS.map(({ name }) => name),
    )
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${PEERS_USAGE}\n`)
    process.exitCode = 2
    return undefined
  }
}

const options = optionsOrUsage()
if (options) await main(options)
