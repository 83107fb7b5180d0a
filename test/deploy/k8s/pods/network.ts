import { type ChildProcess, execFileSync, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Asked, ProbeAnswer } from './prober.ts'

/** A network of its own for pods: each has an address there, all see each other, and nothing else is reached. */
export interface PodNetwork {
  /** The next free address. */
  newAddress(): string
  /** Puts a process's network namespace on it. */
  attach(pid: number, address: string): void
  /** Asks a pod what a kubelet would ask, from outside the pod. */
  ask(asked: Asked): Promise<ProbeAnswer>
  stop(): Promise<void>
}

const GATEWAY = '10.77.0.1'

export async function startPodNetwork(): Promise<PodNetwork> {
  const script = `ip link set lo up; ip link add br0 type bridge; ip addr add ${GATEWAY}/16 dev br0; ip link set br0 up; echo ready; cat`
  // It is there as long as somebody holds its input open: it never outlives the test.
  const holder = spawn('unshare', ['--net', 'sh', '-ec', script], { stdio: ['pipe', 'pipe', 'inherit'] })
  const [line] = await once(holder.stdout, 'data')
  if (!String(line).includes('ready')) throw new Error('no network for pods')
  const net = `/proc/${holder.pid}/ns/net`
  const inside = (...args: string[]) =>
    execFileSync('nsenter', [`--net=${net}`, ...args], { stdio: ['ignore', 'ignore', 'pipe'] })
  const prober = fork(join(import.meta.dirname, 'prober.ts'), {
    execPath: 'nsenter',
    execArgv: [`--net=${net}`, process.execPath],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const waiting = new Map<number, (answer: ProbeAnswer) => void>()
  prober.on('message', ({ id, answer }: { id: number; answer: ProbeAnswer }) => waiting.get(id)?.(answer))
  let used = 10
  let ids = 0
  return {
    newAddress: () => `10.77.0.${used++}`,
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
