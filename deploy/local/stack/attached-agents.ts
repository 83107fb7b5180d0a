import { join } from 'node:path'
import type { Report } from '../servers/server-source.ts'
import { serviceName } from './service-spec.ts'
import { SupervisedService } from './supervised-service.ts'

export interface AttachOptions {
  /** Of the stack that runs: agents find it there, and find it again when it comes back elsewhere. */
  home: string
  agentMains: readonly string[]
  /** Names that the stack has given already. */
  taken: readonly { name: string }[]
  report: Report
  env?: NodeJS.ProcessEnv
}

/** Agents of a command's own beside a stack that is not. */
export interface AttachedAgents {
  readonly logDir: string
  stop(): Promise<void>
}

/**
 * Starts agents against a stack that runs already, and keeps them alive until `stop`; all or none.
 * @throws SetupError SERVER_FAILED_TO_START with the end of the log of the one that does not start
 */
export async function attachAgents(options: AttachOptions): Promise<AttachedAgents> {
  const { report } = options
  const logDir = join(options.home, 'logs')
  const names = [...options.taken]
  const agents = options.agentMains.map((main) => {
    const name = serviceName(main, names)
    names.push({ name })
    const spec = {
      name,
      main,
      program: main,
      logFile: join(logDir, `${name}.log`),
      env: environmentFor(options),
    }
    const service = new SupervisedService(spec, {
      onDied: (service, how, tail, restartMs) =>
        report(`${service} ${how}; starting it again in ${restartMs / 1000} s. The end of its log:\n${tail}`),
      onBack: (service) => report(`${service} is up again`),
    })
    return { name, service }
  })
  const stop = async () => {
    await Promise.all(agents.map(({ service }) => service.stop()))
  }
  try {
    await Promise.all(
      agents.map(async ({ name, service }) => {
        await service.start()
        report(`${name} is up (process ${service.note.pid})`)
      }),
    )
  } catch (error) {
    await stop()
    throw error
  }
  return { logDir, stop }
}

/** Without an address: what finds the stack by its home follows it to another port. */
function environmentFor({ home, env = process.env }: AttachOptions): NodeJS.ProcessEnv {
  const {
    MURMUR_INSTANCE: _instance,
    MURMUR_HTTP_PORT: _port,
    MURMUR_NATS_URL: _nats,
    MURMUR_REDIS_URL: _redis,
    ...inherited
  } = env
  return {
    MURMUR_LOG_LEVEL: 'info',
    ...inherited,
    MURMUR_HOME: home,
    MURMUR_PARENT_PID: String(process.pid),
  }
}
