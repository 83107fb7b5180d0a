import { join } from 'node:path'
import { AGENT_MAINS, EDGE_MAIN, ORCHESTRATOR_MAIN } from './builds/bundled-mains.ts'
import { type BundledServices, findBundledServices } from './builds/bundled-services.ts'
import { ensureConsole, type LocalConsole } from './console/ensure-console.ts'
import { projectRoot } from './project-paths.ts'
import { keepPrivate } from './servers/private-files.ts'
import { type MediaTools, resolveFfmpeg } from './servers/resolve-ffmpeg.ts'
import type { Report } from './servers/server-source.ts'
import { type LocalServers, startServers } from './servers/start-servers.ts'
import { ownSettings } from './stack/own-settings.ts'
import { platformKeyFile } from './stack/platform-key-file.ts'
import { keptLinkKeys, keptSealKeys } from './stack/seal-keys.ts'
import { type ServiceSpec, serviceName } from './stack/service-spec.ts'
import { type NotedService, removeStackNote, writeStackNote } from './stack/stack-note.ts'
import { OPERATOR, OWN_AGENTS, stackUsers, userOfMain } from './stack/stack-users.ts'
import { streamStorageGib } from './stack/stream-storage.ts'
import { SupervisedService } from './stack/supervised-service.ts'

export interface StackOptions {
  /** Where data, logs and the note of the running stack go. */
  home: string
  /** Takes one line about each thing that is up, and about everything that goes wrong later. */
  report?: Report
  /** Mains of agent processes to run. The built-in ones unless given. */
  agentMains?: readonly string[]
  /** Runs services from bundles where there are some, and makes them for the next start where there are none. */
  bundled?: boolean
  /** How many orchestrators share the work; one unless given. */
  orchestrators?: number
  env?: NodeJS.ProcessEnv
}

/** Servers, an orchestrator and agents on this machine. */
export interface LocalStack {
  /** For commands: with the operator's password. */
  readonly natsUrl: string
  readonly redisUrl: string
  readonly logDir: string
  readonly services: readonly NotedService[]
  /** Ends the agents, then the orchestrator, then the servers. Every call gets the same promise. */
  stop(): Promise<void>
}

/** Agents of our own. */
export const BUILT_IN_AGENTS: readonly string[] = AGENT_MAINS.map((file) => join(projectRoot, file))
const ORCHESTRATOR = join(projectRoot, ORCHESTRATOR_MAIN)
const EDGE = join(projectRoot, EDGE_MAIN)
/** What has the keys of the platform. */
const SEALING = [ORCHESTRATOR, EDGE]

/**
 * Starts everything that a task needs and keeps it alive until `stop`; all or nothing. What runs is noted in
 * `<home>/run/stack.json`, so that other commands find it.
 * @throws SetupError when a server or a service does not start; DATA_IN_USE when another stack has this home
 */
export async function startLocalStack(options: StackOptions): Promise<LocalStack> {
  const report = options.report ?? (() => undefined)
  const logDir = join(options.home, 'logs')
  keepPrivate(options.home)
  const startedAtMs = Date.now()
  const agentMains = options.agentMains ?? BUILT_IN_AGENTS
  const [servers, media, web, bundles] = await Promise.all([
    startServers({
      dataDir: join(options.home, 'data'),
      logDir,
      report,
      users: stackUsers(asksWho(options.env) ? 'nobody' : 'client'),
      keepAlive: {
        onDied: (name, why, restartMs) =>
          report(`${name} ${why}\nStarting it again in ${restartMs / 1000} s; services wait for it.`),
        onBack: (name) => report(`${name} is up again, with what it had`),
        onGivenUp: (name, why) =>
          report(
            `${name} is not started any more: ${why}\nNothing works without it: mend that, then start the stack again.`,
          ),
      },
    }),
    agentMains.some((main) => BUILT_IN_AGENTS.includes(main)) ? findMedia(report, options.env) : undefined,
    findConsole(report),
    options.bundled ? findBundledServices() : undefined,
  ])
  const services: { name: string; service: SupervisedService }[] = []
  const note = () =>
    writeStackNote(options.home, {
      natsUrl: servers.natsUrlOf(OPERATOR),
      agentUrl: servers.natsUrlOf(OWN_AGENTS),
      redisUrl: servers.redisUrl,
      startedAtMs,
      services: services.map(({ service }) => service.note),
    })
  const watcher = watcherFor(report, note)
  for (const spec of serviceSpecs(options, { agentMains, servers, media, web, bundles, logDir })) {
    services.push({ name: spec.name, service: new SupervisedService(spec, watcher) })
  }
  const stop = stopOnce(options.home, services.map(({ service }) => service).toReversed(), {
    servers,
    web,
    bundles,
  })
  try {
    // All at once: agents wait by themselves until an orchestrator has made what they need.
    await Promise.all(services.map(({ name, service }) => startOne(name, service, report)))
  } catch (error) {
    await stop()
    throw error
  }
  note()
  bundles
    ?.buildForNextTime()
    .catch((error: Error) => report(`${error.message}\nStarts take a second longer.`))
  return {
    natsUrl: servers.natsUrlOf(OPERATOR),
    redisUrl: servers.redisUrl,
    logDir,
    get services() {
      return services.map(({ service }) => service.note)
    },
    stop,
  }
}

/** Where clients have to say who they are, nobody gets past that by asking NATS instead. */
function asksWho(env: NodeJS.ProcessEnv = process.env): boolean {
  return env.MURMUR_EDGE_AUTH?.trim() === 'required'
}

async function startOne(name: string, service: SupervisedService, report: Report): Promise<void> {
  const fromMs = performance.now()
  await service.start()
  report(`${name} ready after ${((performance.now() - fromMs) / 1000).toFixed(1)} s`)
}

function stopOnce(
  home: string,
  inOrder: SupervisedService[],
  { servers, web, bundles }: Pick<Parts, 'servers' | 'web' | 'bundles'>,
): () => Promise<void> {
  let stopping: Promise<void> | undefined
  const stop = async () => {
    // First, so that nobody is sent to a stack that is about to go.
    removeStackNote(home)
    web?.building?.stop()
    bundles?.stop()
    for (const service of inOrder) await service.stop()
    await servers.stop()
  }
  return () => {
    stopping ??= stop()
    return stopping
  }
}

function watcherFor(report: Report, note: () => void) {
  return {
    onDied(service: string, how: string, tail: string, restartMs: number) {
      report(`${service} ${how}; starting it again in ${restartMs / 1000} s. The end of its log:\n${tail}`)
    },
    onBack(service: string) {
      note()
      report(`${service} is up again`)
    },
  }
}

/** Reads video; without it everything else works, so it is no reason not to start. */
async function findMedia(report: Report, env?: NodeJS.ProcessEnv): Promise<MediaTools | undefined> {
  try {
    return await resolveFfmpeg(report, env)
  } catch (error) {
    report(`${(error as Error).message} Reports work without it, video does not.`)
    return undefined
  }
}

/**
 * The console is built beside everything else that starts, once for each content of its sources. Without it everything else works, so it is no
 * reason not to start, nor to wait.
 */
async function findConsole(report: Report): Promise<LocalConsole | undefined> {
  try {
    const web = await ensureConsole()
    const fromMs = performance.now()
    web.building?.done.then(
      () => report(`console built in ${((performance.now() - fromMs) / 1000).toFixed(1)} s`),
      (error: Error) =>
        web.building?.isStopped() || report(`${error.message}\nEverything else works without it.`),
    )
    return web
  } catch (error) {
    report(`There is no console: ${(error as Error).message}`)
    return undefined
  }
}

interface Parts {
  agentMains: readonly string[]
  servers: LocalServers
  media: MediaTools | undefined
  web: LocalConsole | undefined
  bundles: BundledServices | undefined
  logDir: string
}

function serviceSpecs(options: StackOptions, parts: Parts): ServiceSpec[] {
  const env = serviceEnvironment(options, parts)
  const orchestrators = Array.from({ length: options.orchestrators ?? 1 }, () => ORCHESTRATOR)
  const specs: { name: string; main: string }[] = []
  for (const main of [...orchestrators, EDGE, ...parts.agentMains])
    specs.push({ name: serviceName(main, specs), main })
  const { servers, bundles, logDir } = parts
  const keys = platformKeyFile(options.home)
  return specs.map((spec) => {
    const user = userOfMain(spec.main)
    // Each has what it needs and no more: also where it is told so.
    const access = { MURMUR_NATS_URL: servers.natsUrlOf(user), MURMUR_REDIS_URL: servers.redisUrlOf(user) }
    const sealing = SEALING.includes(spec.main) && { MURMUR_PLATFORM_KEYS: keys }
    const own = ownSettings(spec.main, { ...env, ...access, ...sealing })
    const program = bundles?.programOf(spec.main) ?? spec.main
    return { ...spec, program, env: own, logFile: join(logDir, `${spec.name}.log`) }
  })
}

function serviceEnvironment(
  { home, env = process.env }: StackOptions,
  { media, web }: Parts,
): NodeJS.ProcessEnv {
  // Several processes on one machine: each takes an id and a port of its own.
  const {
    MURMUR_INSTANCE: _instance,
    MURMUR_HTTP_PORT: _port,
    MURMUR_PLATFORM_KEYS: _keys,
    ...inherited
  } = env
  return {
    MURMUR_LOG_LEVEL: 'info',
    MURMUR_STORAGE_GIB: String(streamStorageGib(home)),
    // Beside its data, and less of it than streams may take.
    MURMUR_ARCHIVE: join(home, 'data', 'archive'),
    MURMUR_ARCHIVE_GIB: '1',
    // On one's own machine, one's own servers may be cameras.
    MURMUR_VIDEO_NETWORKS: '10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,fc00::/7,127.0.0.0/8,::1/128',
    MURMUR_VIDEO_PORTS: '*',
    // Of the disk that everything else here is on.
    MURMUR_RECORDINGS_DIR: join(home, 'data', 'recordings'),
    MURMUR_RECORDINGS_GIB: '20',
    ...(env.MURMUR_LINK_KEYS ? {} : { MURMUR_LINK_KEYS_FILE: keptLinkKeys(join(home, 'data')) }),
    ...(env.MURMUR_SEAL_KEYS ? {} : { MURMUR_SEAL_KEYS_FILE: keptSealKeys(join(home, 'data')) }),
    ...(media && { MURMUR_FFMPEG: media.ffmpeg }),
    ...(web && { MURMUR_EDGE_CONSOLE_DIR: web.folder }),
    ...inherited,
    MURMUR_HOME: home,
    MURMUR_PARENT_PID: String(process.pid),
  }
}
