import { type ChildProcess, fork, spawn } from 'node:child_process'
import { join } from 'node:path'
import type { Test } from 'tap'
import type { LocalServers } from '../../deploy/local/servers/start-servers.ts'
import { userOfMain } from '../../deploy/local/stack/stack-users.ts'
import { DEFAULT_TENANT } from '../../schemas/identifiers.ts'
import type { TaskState } from '../../schemas/task.ts'
import { MurmurError } from '../../services/platform/errors/murmur-error.ts'
import type { ReadyMessage } from '../../services/platform/lifecycle/run-main.ts'
import type { Bus } from '../../services/platform/nats/bus.ts'
import { subjectOf } from '../../subjects/operations.ts'
import { programOf } from './program.ts'

const root = join(import.meta.dirname, '../..')
/** Of a machine that has much other work. */
const READY_TIMEOUT_MS = 60_000
const facts = new WeakMap<ChildProcess, ReadyMessage['facts']>()

/** What a started service said of itself when it was ready: its ports. */
export function factsOf(service: ChildProcess): ReadyMessage['facts'] {
  return facts.get(service) ?? {}
}

/** Starts a service of the repository against these servers and resolves when it says that it is ready. */
export async function startService(
  t: Pick<Test, 'teardown'>,
  servers: LocalServers,
  file: string,
  env: Record<string, string> = {},
): Promise<ChildProcess> {
  const child = fork(programOf(file), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, ...serverEnv(servers, userOfMain(file)), MURMUR_LOG_LEVEL: 'error', ...env },
  })
  t.teardown(() => stopChild(child))
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${file} is not ready`)), READY_TIMEOUT_MS)
    child.once('message', (message) => {
      clearTimeout(timer)
      facts.set(child, (message as ReadyMessage).facts)
      resolve()
    })
    child.once('exit', (code) => {
      clearTimeout(timer)
      reject(new Error(`${file} ended with ${code}`))
    })
  })
  return child
}

/** Starts any program with the servers' addresses in its environment. */
export function startProgram(
  t: Pick<Test, 'teardown'>,
  command: string,
  args: string[],
  env: Record<string, string>,
): ChildProcess {
  const child = spawn(command, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...env },
  })
  t.teardown(() => stopChild(child))
  return child
}

/** Resolves when the task has ended, with its state. The watch begins before the look, so that no end is missed. */
export async function endOfTask(
  bus: Bus,
  taskId: string,
  timeoutMs = 30_000,
  tenant = DEFAULT_TENANT,
): Promise<TaskState> {
  let wake = () => {}
  const end = bus.subscribe(`tasks.events.*.${taskId}.*`, () => wake())
  const untilMs = performance.now() + timeoutMs
  try {
    for (;;) {
      const woken = new Promise<void>((resolve) => {
        wake = resolve
        setTimeout(resolve, 1000)
      })
      const task = await bus.request(subjectOf('getTask', { tenant }), { taskId }, { timeoutMs: 5000 }).then(
        (answer) => (answer as { task: TaskState }).task,
        (error: unknown) => {
          // A partition that is built anew says so.
          if (performance.now() < untilMs && error instanceof MurmurError && error.code === 'UNAVAILABLE')
            return undefined
          throw error
        },
      )
      if (!task) {
        await woken
        continue
      }
      if (task.finishedAtMs !== undefined) return task
      if (performance.now() > untilMs)
        throw new Error(`task ${taskId} is still ${task.status}: ${JSON.stringify(task.steps)}`)
      await woken
    }
  } finally {
    end()
  }
}

/** Where the servers are, for a process that connects as `user`; as one that may do everything, when none is named. */
export function serverEnv(servers: LocalServers, user?: string): Record<string, string> {
  const [nats, redis] =
    user === undefined
      ? [servers.natsUrl, servers.redisUrl]
      : [servers.natsUrlOf(user), servers.redisUrlOf(user)]
  return { MURMUR_NATS_URL: nats, MURMUR_REDIS_URL: redis, MURMUR_STORAGE_GIB: '2' }
}

export function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    child.once('exit', () => resolve())
    child.kill('SIGTERM')
  })
}
