import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { maskUserinfo } from '#platform/config/read-config.ts'
import { type NoSurvey, type RedisSurvey, surveyRedis } from '#platform/redis/redis-survey.ts'
import { ERRORS } from '#schemas/problem.ts'
import { isInstalled } from './bootstrap/ensure-dependencies.mjs'
import { murmurHome, projectRoot } from './project-paths.ts'
import { readServersRecord } from './servers/data-folder.ts'
import { addressOf, probeNats } from './servers/probe-servers.ts'
import { isSameProcess } from './servers/process-identity.ts'
import { locateFfmpeg } from './servers/resolve-ffmpeg.ts'
import { locateNats } from './servers/resolve-nats.ts'
import { locateRedis } from './servers/resolve-redis.ts'
import { isAtLeast, type ServerSource } from './servers/server-source.ts'
import { readStackNote } from './stack/stack-note.ts'

/** One finding about this machine or this checkout. */
export interface Check {
  name: string
  status: 'ok' | 'warn' | 'fail'
  /** What was seen. */
  evidence: string
  /** What to do about it; for everything that isn't ok. */
  fix?: string
}

const GIB = 1024 ** 3
const NATS_PORT = 4222
/** Seconds. */
const MAX_SKEW_S = 1
const METRICS_TIMEOUT_MS = 3000

/** Looks at everything that local mode needs; changes, fetches and starts nothing. */
export async function runDoctor(env: NodeJS.ProcessEnv = process.env): Promise<Check[]> {
  const checks = [
    checkNode(),
    checkDependencies(),
    checkNats(env),
    checkRedis(env),
    checkFfmpeg(env),
    checkDisk(env),
    checkPorts(),
    checkLeftOvers(env),
    checkStack(env),
    checkClocks(env),
  ]
  return Promise.all(checks)
}

function checkNode(): Check {
  const version = process.versions.node
  if (isAtLeast(version, '22.18')) return { name: 'node', status: 'ok', evidence: version }
  const fix = 'Start through npm (npm start, npm run murmur): it brings the right Node.'
  return { name: 'node', status: 'fail', evidence: `${version} can't run TypeScript sources`, fix }
}

function checkDependencies(): Check {
  const name = 'dependencies'
  if (isInstalled(projectRoot)) return { name, status: 'ok', evidence: 'as package-lock.json names them' }
  const fix = 'npm start installs them; by hand: npm install --no-save --ignore-scripts'
  return { name, status: 'fail', evidence: 'node_modules differs from package-lock.json', fix }
}

async function checkNats(env: NodeJS.ProcessEnv): Promise<Check> {
  const name = 'nats'
  return checkServer(
    name,
    () => locateNats(env),
    (source) => checkNatsSource(name, source),
  )
}

async function checkNatsSource(name: string, source: ServerSource): Promise<Check> {
  if (source.kind === 'url') {
    const answer = await probeNats(addressOf(source.url, NATS_PORT))
    return reachability(name, source.url, answer?.version, 'MURMUR_NATS_URL')
  }
  const evidence = `${source.version}, ${source.origin}`
  if (isAtLeast(source.version, '2.10')) return { name, status: 'ok', evidence }
  const fix =
    'Install nats-server 2.10 or newer; an old one in the cache is fetched anew once its folder is removed.'
  return { name, status: 'warn', evidence: `${evidence}: good for trying things out only`, fix }
}

async function checkRedis(env: NodeJS.ProcessEnv): Promise<Check> {
  const name = 'redis'
  return checkServer(
    name,
    () => locateRedis(env),
    async (source) => {
      if (source.kind === 'binary')
        return { name, status: 'ok', evidence: `${source.version}, ${source.origin}` }
      const survey = await surveyRedis(source.url)
      const reached = reachability(name, source.url, whatAnswers(survey), 'MURMUR_REDIS_URL')
      return 'unanswered' in survey ? reached : keepsKeys(reached, survey)
    },
  )
}

/** `7.0.15`, or what it is that has several servers. */
function whatAnswers(survey: RedisSurvey | NoSurvey): string | undefined {
  if ('unanswered' in survey) return undefined
  const { kind, nodes, silent } = survey
  const version = nodes[0]?.version ?? 'unknown'
  if (kind === 'server' && nodes.length === 1) return version
  const away = silent.length > 0 ? `, no answer from ${silent.join(', ')}` : ''
  return `${version}, ${kind === 'cluster' ? 'a cluster' : 'a master with replicas'}, ${nodes.length} servers${away}`
}

/** States are not a cache. */
function keepsKeys(reached: Check, { nodes }: RedisSurvey): Check {
  const evicting = nodes.find(({ policy, maxBytes }) => maxBytes > 0 && policy !== 'noeviction')
  if (evicting === undefined) return reached
  return {
    ...reached,
    status: 'fail',
    evidence: `${reached.evidence}, ${evicting.address} evicts keys when its memory is full (${evicting.policy})`,
    fix: ERRORS.REDIS_EVICTS.fix,
  }
}

/** Nothing found is only a warning: the next start fetches it. A variable that names a useless one is a fault. */
async function checkServer(
  name: string,
  locate: () => Promise<ServerSource | undefined>,
  judge: (source: ServerSource) => Promise<Check>,
): Promise<Check> {
  try {
    const source = await locate()
    if (source) return await judge(source)
    return {
      name,
      status: 'warn',
      evidence: 'not here yet',
      fix: 'npm start fetches it, or says what to do.',
    }
  } catch (error) {
    const [evidence, ...ways] = (error as Error).message.split('\n')
    return { name, status: 'fail', evidence: evidence!, fix: ways.join('\n') }
  }
}

function reachability(name: string, url: string, version: string | undefined, variable: string): Check {
  if (version) return { name, status: 'ok', evidence: `${version} at ${maskUserinfo(url)}` }
  return {
    name,
    status: 'fail',
    evidence: `nothing answers at ${maskUserinfo(url)}`,
    fix: `Start it, or unset ${variable}.`,
  }
}

async function checkFfmpeg(env: NodeJS.ProcessEnv): Promise<Check> {
  const name = 'ffmpeg'
  const found = await locateFfmpeg(env)
  const fix = 'Only video needs it: install ffmpeg, or set MURMUR_FFMPEG and MURMUR_FFPROBE.'
  if (found === undefined) return { name, status: 'warn', evidence: 'none', fix }
  const evidence = `${found.version}, ${found.origin}`
  if (found.ffprobe) return { name, status: 'ok', evidence }
  return { name, status: 'warn', evidence: `${evidence}, but no ffprobe`, fix }
}

async function checkDisk(env: NodeJS.ProcessEnv): Promise<Check> {
  const name = 'disk'
  let folder = murmurHome(env)
  while (!existsSync(folder)) folder = dirname(folder)
  const { bavail, bsize } = await statfs(folder)
  const freeGib = (bavail * bsize) / GIB
  const evidence = `${freeGib.toFixed(1)} GiB free at ${folder}`
  if (freeGib >= 5) return { name, status: 'ok', evidence }
  const fix = 'Free some space, or move the data with MURMUR_HOME.'
  return { name, status: freeGib < 1 ? 'fail' : 'warn', evidence, fix }
}

async function checkPorts(): Promise<Check> {
  const name = 'ports'
  const server = createServer()
  try {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return { name, status: 'ok', evidence: 'can listen on 127.0.0.1; free ports are picked at each start' }
  } catch (error) {
    const fix = 'Allow this process to listen on the loopback interface.'
    return { name, status: 'fail', evidence: `can't listen on 127.0.0.1: ${(error as Error).message}`, fix }
  } finally {
    server.close()
  }
}

/** Servers whose starter is gone. */
async function checkLeftOvers(env: NodeJS.ProcessEnv): Promise<Check> {
  const name = 'left-overs'
  const home = murmurHome(env)
  const folders = existsSync(home) ? readdirSync(home).map((entry) => join(home, entry)) : []
  const orphans = folders
    .map((folder) => readServersRecord(folder))
    .filter((record) => record && !isSameProcess(record.owner))
    .flatMap((record) => record!.servers.filter(isSameProcess))
  if (orphans.length === 0) return { name, status: 'ok', evidence: 'no servers of an earlier run' }
  const pids = orphans.map(({ pid }) => pid).join(', ')
  return { name, status: 'warn', evidence: `servers of an earlier run: ${pids}`, fix: 'npm start ends them.' }
}

async function checkStack(env: NodeJS.ProcessEnv): Promise<Check> {
  const name = 'stack'
  const note = readStackNote(murmurHome(env))
  if (note === undefined) return { name, status: 'ok', evidence: 'not running' }
  if (!isAlive(note.pid)) {
    const fix = 'It was killed; npm start or murmur dev takes over from there.'
    return { name, status: 'warn', evidence: `process ${note.pid} of the last run is gone`, fix }
  }
  const nats = await probeNats(addressOf(note.natsUrl, NATS_PORT))
  const redis = await surveyRedis(note.redisUrl)
  const missing = [
    ...(nats ? [] : [`NATS at ${maskUserinfo(note.natsUrl)}`]),
    ...('unanswered' in redis ? [`Redis at ${maskUserinfo(note.redisUrl)}`] : []),
  ]
  if (missing.length > 0) {
    const fix = `Stop process ${note.pid} and start again; the logs are in ${murmurHome(env)}.`
    return { name, status: 'fail', evidence: `no answer from ${missing.join(' and ')}`, fix }
  }
  const since = new Date(note.startedAtMs).toISOString()
  const evidence = `process ${note.pid} since ${since}, ${note.services.length} services, ${maskUserinfo(note.natsUrl)}, ${maskUserinfo(note.redisUrl)}`
  return { name, status: 'ok', evidence }
}

/** What the services of the stack have measured of their machine's clock. */
async function checkClocks(env: NodeJS.ProcessEnv): Promise<Check> {
  const name = 'clock'
  const urls = (readStackNote(murmurHome(env))?.services ?? []).flatMap(({ httpUrl }) => httpUrl ?? [])
  const skews = (await Promise.all(urls.map(skewSecondsAt))).filter((skew) => skew !== undefined)
  if (skews.length === 0) return { name, status: 'ok', evidence: 'no service to compare it with' }
  const worst = skews.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a))
  const evidence = `${Math.abs(worst).toFixed(1)} s ${worst < 0 ? 'behind' : 'ahead of'} the broker's`
  if (Math.abs(worst) < MAX_SKEW_S) return { name, status: 'ok', evidence }
  const fix = "Let NTP set this machine's clock: decisions go by the broker's, logs and traces by this one."
  return { name, status: 'warn', evidence, fix }
}

async function skewSecondsAt(httpUrl: string): Promise<number | undefined> {
  try {
    const answer = await fetch(`${httpUrl}/metrics`, { signal: AbortSignal.timeout(METRICS_TIMEOUT_MS) })
    const found = /^murmur_clock_skew_seconds (\S+)$/m.exec(await answer.text())
    return found ? Number(found[1]) : undefined
  } catch {
    // It does not answer just now: the check of the stack says so.
    return undefined
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
