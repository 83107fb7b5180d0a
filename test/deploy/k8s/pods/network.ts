import { type ChildProcess, execFile, execFileSync, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Asked, ProbeAnswer } from './prober.ts'

/** A network of its own for pods: each has an address there, all see each other, and nothing else is reached. */
export interface PodNetwork {
  /** Puts a process's network namespace on it. */
  attach(pid: number, address: string): void
  /** Runs a program of this machine there, where the names of Services are known. @returns its output */
  run(program: string, args: readonly string[], env: Record<string, string>): Promise<string>
  /** Asks a pod what a kubelet would ask, from outside the pod. */
  ask(asked: Asked): Promise<ProbeAnswer>
  stop(): Promise<void>
}

const GATEWAY = '10.77.0.1'

/** Addresses of pods, one after another. */
export const addressOf = (index: number): string => `10.77.1.${index + 1}`

/** @param folder for a file that is private to it; `hosts` are lines of /etc/hosts */
export async function startPodNetwork(folder: string, hosts: string): Promise<PodNetwork> {
  const hostsFile = join(folder, 'hosts')
  writeFileSync(hostsFile, `127.0.0.1 localhost\n${hosts}`)
  const script = `ip link set lo up; ip link add br0 type bridge; ip addr add ${GATEWAY}/16 dev br0; ip link set br0 up; echo ready; cat`
  // It is there as long as somebody holds its input open: it never outlives the test.
  const holder = spawn(
    'unshare',
    [
      ...['--net', '--mount', '--propagation', 'private', 'sh', '-ec'],
      `mount --bind "$1" /etc/hosts; ${script}`,
      ...['sh', hostsFile],
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  )
  const [line] = await once(holder.stdout, 'data')
  if (!String(line).includes('ready')) throw new Error('no network for pods')
  const namespaces = ['net', 'mnt'].map(
    (name) => `--${name === 'mnt' ? 'mount' : name}=/proc/${holder.pid}/ns/${name}`,
  )
  const inside = (...args: string[]) =>
    execFileSync('nsenter', [...namespaces, ...args], { stdio: ['ignore', 'ignore', 'pipe'] })
  const prober = fork(join(import.meta.dirname, 'prober.ts'), {
    execPath: 'nsenter',
    execArgv: [...namespaces, process.execPath],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const waiting = new Map<number, (answer: ProbeAnswer) => void>()
  prober.on('message', ({ id, answer }: { id: number; answer: ProbeAnswer }) => waiting.get(id)?.(answer))
  let ids = 0
  return {
    attach(pid, address) {
      const name = `p${pid}`
      inside('ip', 'link', 'add', name, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(pid))
      inside('ip', 'link', 'set', name, 'master', 'br0', 'up')
      execFileSync('nsenter', [
        `--net=/proc/${pid}/ns/net`,
        'sh',
        '-ec',
        `ip link set lo up; ip addr add ${address}/16 dev eth0; ip link set eth0 up`,
      ])
    },
    async run(program, args, env) {
      const options = { env: { ...process.env, ...env } }
      return (await promisify(execFile)('nsenter', [...namespaces, program, ...args], options)).stdout
    },
    ask(asked) {
      const id = ids++
      return new Promise<ProbeAnswer>((resolve) => {
        waiting.set(id, resolve)
        prober.send({ id, asked })
      }).finally(() => waiting.delete(id))
    },
    async stop() {
      await Promise.all([ended(prober, () => prober.kill()), ended(holder, () => holder.stdin.end())])
    },
  }
}

async function ended(child: ChildProcess, end: () => void): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  end()
  await exit
}
