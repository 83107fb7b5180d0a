import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  createWriteStream,
  mkdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import type { AssembledImage } from '../../../support/image-tree.ts'
import { until } from '../../../support/until.ts'
import type { Manifest } from '../manifests.ts'
import type { PodNetwork } from './network.ts'
import type { ProbeAnswer } from './prober.ts'

export interface PodOptions {
  /** A Deployment, StatefulSet or Job. */
  workload: Manifest
  name: string
  address: string
  /** Contents of ConfigMaps and Secrets by their names. */
  contents: ReadonlyMap<string, Record<string, string>>
  /** Names that are resolved, as lines of /etc/hosts: what the DNS of a cluster says. */
  hosts: string
  image: AssembledImage
  network: PodNetwork
  /** For what it keeps, and its log. */
  folder: string
}

type ProbeName = 'startupProbe' | 'livenessProbe' | 'readinessProbe'

/** A pod without its kubelet: its container's command, environment, files, user and network as the manifest has them, in a root that is read-only. */
export class Pod {
  readonly name: string
  readonly address: string
  readonly container: Manifest
  readonly #options: PodOptions
  readonly #spec: Manifest
  #child: ChildProcess | undefined

  constructor(options: PodOptions) {
    this.#options = options
    this.name = options.name
    this.address = options.address
    this.#spec = options.workload.spec.template.spec
    this.container = this.#spec.containers[0]
  }

  get labels(): Record<string, string> {
    return this.#options.workload.spec.template.metadata.labels
  }

  get pid(): number {
    return this.#child!.pid!
  }

  get hasEnded(): boolean {
    return this.#child!.exitCode !== null || this.#child!.signalCode !== null
  }

  get logFile(): string {
    return join(this.#options.folder, 'log')
  }

  /** Resolves when its process runs; whether it is ready is for its probes to say. */
  async start(): Promise<void> {
    const { image, network, folder, hosts } = this.#options
    mkdirSync(folder, { recursive: true })
    const mounts = this.#mounts()
    prepareRoot(image, hosts, mounts)
    const { runAsUser, runAsGroup } = this.#spec.securityContext
    const { command = image.command, args: more = [] } = this.container
    const [program, ...args] = [...command, ...more]
    const child = spawn(
      'unshare',
      [
        ...['--net', '--mount', '--propagation', 'private', 'sh', '-ec', SCRIPT, 'sh'],
        ...[image.folder, image.workdir, String(runAsUser), String(runAsGroup), String(mounts.length)],
        ...mounts.flatMap(({ source, path, options }) => [source, path, options]),
        ...[program, ...args],
      ],
      { stdio: ['pipe', 'pipe', 'pipe'], env: { ...image.env, HOSTNAME: this.name, ...this.#environment() } },
    )
    this.#child = child
    const log = createWriteStream(this.logFile, { flags: 'a' })
    child.stderr.pipe(log, { end: false })
    // Says that its namespaces are there, waits for its network, and says that its files are where they belong.
    const said = createLineReader(child.stdout)
    await said('unshared')
    network.attach(this.pid, this.address)
    child.stdin.end('go\n')
    await said('mounted')
    child.stdout.pipe(log, { end: false })
  }

  /** What a probe of the manifest gets as its answer. */
  async probe(name: ProbeName): Promise<ProbeAnswer> {
    const probe = this.container[name]
    const timeoutMs = (probe.timeoutSeconds ?? 1) * 1000
    const portOf = (port: string | number) =>
      typeof port === 'number'
        ? port
        : this.container.ports.find((one: Manifest) => one.name === port).containerPort
    const at = { host: this.address, timeoutMs }
    const { ask } = this.#options.network
    if (probe.httpGet)
      return ask({ ...at, kind: 'http', port: portOf(probe.httpGet.port), path: probe.httpGet.path })
    if (probe.grpc)
      return ask({ ...at, kind: 'grpc', port: probe.grpc.port, service: probe.grpc.service ?? '' })
    if (probe.tcpSocket) return ask({ ...at, kind: 'tcp', port: portOf(probe.tcpSocket.port) })
    return this.execute(probe.exec.command)
  }

  /** Waits as a kubelet would for a probe: no longer than its times its failureThreshold. @returns milliseconds */
  async whenProbed(name: ProbeName, timeoutMs?: number): Promise<number> {
    const { periodSeconds = 10, failureThreshold = 3 } = this.container[name]
    const sinceMs = performance.now()
    let last: ProbeAnswer | undefined
    await until(
      `${name} of ${this.name}`,
      async () => {
        if (this.hasEnded) throw new Error(`${this.name} has ended`)
        last = await this.probe(name)
        return last.ok
      },
      timeoutMs ?? periodSeconds * failureThreshold * 1000,
    ).catch((error: Error) => {
      throw new Error(`${error.message}: ${last?.detail}`)
    })
    return performance.now() - sinceMs
  }

  /** Runs a command in the container, as its user. */
  execute(command: readonly string[]): ProbeAnswer {
    const { runAsUser, runAsGroup } = this.#spec.securityContext
    const { status, stdout, stderr } = spawnSync(
      'nsenter',
      [
        ...[
          `--target=${this.pid}`,
          '--mount',
          '--net',
          `--root=/proc/${this.pid}/root`,
          `--wd=/proc/${this.pid}/cwd`,
        ],
        ...[`--setuid=${runAsUser}`, `--setgid=${runAsGroup}`, ...command],
      ],
      { encoding: 'utf8', env: this.#options.image.env },
    )
    return { ok: status === 0, detail: `${stdout}${stderr}`.trim() }
  }

  /** Ends it as a kubelet does: preStop, SIGTERM, and no SIGKILL. @returns milliseconds of all of it, and the exit code */
  async terminate(): Promise<{ tookMs: number; code: number | null }> {
    const sinceMs = performance.now()
    const exit = once(this.#child!, 'exit')
    const { preStop } = this.container.lifecycle ?? {}
    if (preStop?.exec) {
      const answer = this.execute(preStop.exec.command)
      if (!answer.ok) throw new Error(`preStop of ${this.name}: ${answer.detail}`)
    }
    if (preStop?.sleep) await new Promise((resolve) => setTimeout(resolve, preStop.sleep.seconds * 1000))
    this.#child!.kill('SIGTERM')
    await exit
    return { tookMs: performance.now() - sinceMs, code: this.#child!.exitCode }
  }

  get graceMs(): number {
    return this.#spec.terminationGracePeriodSeconds * 1000
  }

  /** At once. */
  async kill(): Promise<void> {
    if (this.#child === undefined || this.hasEnded) return
    const exit = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await exit
  }

  /** Resolves with the exit code, when it ends by itself. */
  async whenEnded(): Promise<number | null> {
    if (!this.hasEnded) await once(this.#child!, 'exit')
    return this.#child!.exitCode
  }

  #environment(): Record<string, string> {
    const shared = (this.container.envFrom ?? []).map(
      ({ configMapRef }: Manifest) => this.#options.contents.get(configMapRef.name)!,
    )
    const own = (this.container.env ?? []).map(({ name, value, valueFrom }: Manifest) => [
      name,
      valueFrom?.fieldRef?.fieldPath === 'metadata.name' ? this.name : value,
    ])
    return Object.assign({}, ...shared, Object.fromEntries(own))
  }

  /** What each volumeMount is here: a folder with files of a Secret or ConfigMap, a claim's folder, or memory. */
  #mounts(): Mount[] {
    const { folder, workload, contents } = this.#options
    const volumes = new Map<string, Manifest>(
      (this.#spec.volumes ?? []).map((volume: Manifest) => [volume.name, volume]),
    )
    const group = this.#spec.securityContext.fsGroup
    return (this.container.volumeMounts as Manifest[]).flatMap(({ name, mountPath }) => {
      const { emptyDir, secret, configMap } = volumes.get(name) ?? {}
      if (emptyDir) {
        const size = emptyDir.sizeLimit.replace('Mi', 'm').replace('Gi', 'g')
        return [{ source: '', path: mountPath, options: `mode=1777,size=${size}` }]
      }
      const source = join(folder, name)
      mkdirSync(source, { recursive: true })
      chownSync(source, 0, group)
      chmodSync(source, 0o2775)
      if (!secret && !configMap) {
        if (!workload.spec.volumeClaimTemplates) throw new Error(`no volume ${name}`)
        return [{ source, path: mountPath, options: 'rw' }]
      }
      const files = contents.get(secret?.secretName ?? configMap.name)
      if (!files && !secret?.optional) throw new Error(`nobody made ${secret?.secretName ?? configMap.name}`)
      for (const [file, text] of Object.entries(files ?? {})) {
        writeFileSync(join(source, file), text, { mode: secret ? (secret.defaultMode ?? 0o644) : 0o644 })
        chownSync(join(source, file), 0, group)
      }
      return [{ source, path: mountPath, options: 'ro' }]
    })
  }
}

/** Waits for one line after another. @throws when the stream ends before */
function createLineReader(stream: Readable): (line: string) => Promise<void> {
  let text = ''
  return async (line) => {
    while (!text.startsWith(`${line}\n`)) {
      const chunk = await Promise.race([
        once(stream, 'data').then(([data]) => String(data)),
        once(stream, 'end').then(() => undefined),
      ])
      if (chunk === undefined) throw new Error(`it ended before it was ${line}`)
      text += chunk
    }
    text = text.slice(line.length + 1)
  }
}

interface Mount {
  /** Empty for memory. */
  source: string
  path: string
  options: string
}

/** Everything that is mounted to, and names: before the root is read-only. */
function prepareRoot({ folder }: AssembledImage, hosts: string, mounts: readonly Mount[]): void {
  const system = ['dev', 'proc', 'etc/alternatives', 'usr/bin', 'usr/lib', 'usr/lib64']
  for (const path of [...system, ...mounts.map(({ path }) => path)])
    mkdirSync(join(folder, path), { recursive: true })
  // A mount below another finds its place in what is mounted there.
  for (const { source, path } of mounts)
    for (const below of mounts)
      if (source !== '' && below.path.startsWith(`${path}/`))
        mkdirSync(join(source, below.path.slice(path.length)), { recursive: true })
  for (const link of ['bin', 'lib', 'lib64']) {
    rmSync(join(folder, link), { force: true })
    symlinkSync(`usr/${link}`, join(folder, link))
  }
  writeFileSync(join(folder, 'etc/hosts'), `127.0.0.1 localhost\n${hosts}`)
  writeFileSync(join(folder, 'etc/nsswitch.conf'), 'hosts: files\n')
  writeFileSync(join(folder, 'etc/resolv.conf'), '')
}

/** Tree, working folder, user, group, number of mounts, three words for each, and the command. */
const SCRIPT = `echo unshared
read go
tree="$1"; work="$2"; user="$3"; group="$4"; count="$5"; shift 5
mount --bind "$tree" "$tree"
mount --rbind /dev "$tree/dev"
mount -t proc proc "$tree/proc"
for each in usr/bin usr/lib usr/lib64 etc/alternatives; do
  if [ -d "/$each" ]; then mount --bind "/$each" "$tree/$each"; mount -o remount,bind,ro "$tree/$each"; fi
done
mount -o remount,bind,ro "$tree"
while [ "$count" -gt 0 ]; do
  if [ -z "$1" ]; then mount -t tmpfs -o "$3" tmpfs "$tree$2"
  else mount --bind "$1" "$tree$2"; mount -o "remount,bind,$3" "$tree$2"; fi
  count=$((count - 1)); shift 3
done
echo mounted
exec unshare --root="$tree" --wd="$work" --setgid="$group" --setuid="$user" "$@"`
