import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'

/** What images are built and run with; package names of Debian 12 where they differ. */
const PROGRAMS = ['podman', 'buildah', 'runc', 'conmon', 'mmdebstrap', 'podman-compose', 'npm'] as const
const HELPERS = ['netavark', 'aardvark-dns'] as const
/** Docker Compose itself, which works on podman's interface: built by `npm run test:images` where Go is. */
const COMPOSE_VERSION = 'v2.40.3'
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024

const CACHE = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache')
/** Where the engine keeps its images: layers that nothing has changed in are not built again. Some 9 GB. */
const IMAGES = join(CACHE, 'murmur-images')
/** What Docker Compose is built as. */
export const COMPOSE = {
  version: COMPOSE_VERSION,
  path: join(CACHE, 'murmur-compose', COMPOSE_VERSION, 'docker-compose'),
}

/** Why containers can't be run here; undefined where they can. */
export function whyNoEngine(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'needs Linux and root'
  const isolated = spawnSync('unshare', ['--mount', '--net', '--pid', '--fork', 'true'])
  if (isolated.status !== 0) return 'namespaces are not allowed here'
  const missing = [
    ...PROGRAMS.filter((name) => !isOn(process.env.PATH ?? '', name)),
    ...HELPERS.filter((name) => !isOn('/usr/lib/podman:/usr/libexec/podman', name)),
  ]
  if (missing.length === 0) return undefined
  return `not there: ${missing.join(', ')} (apt-get install podman buildah runc netavark aardvark-dns mmdebstrap; pip install podman-compose)`
}

function isOn(path: string, name: string): boolean {
  return path.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

export interface RunOptions {
  cwd: string
  /** On the machine's network, to fetch packages; else on the containers' only. */
  isOnline?: boolean
  /** Told what comes on stderr meanwhile. */
  onSaid?: (text: string) => void
}

export interface Ran {
  code: number | null
  stdout: string
  stderr: string
}

/**
 * An engine for containers in namespaces of its own: networks, ports and processes are seen in there only, and all of them end with it.
 * Built images are kept in the user's cache.
 */
export class Engine {
  readonly #holder: ChildProcess
  readonly #pid: string
  readonly #env: NodeJS.ProcessEnv
  /** Docker Compose itself; else podman-compose, which waits for no health on podman before 4.6. */
  readonly hasCompose: boolean = existsSync(COMPOSE.path)

  private constructor(holder: ChildProcess, pid: string, env: NodeJS.ProcessEnv) {
    this.#holder = holder
    this.#pid = pid
    this.#env = env
  }

  /** @param folder for configuration and the program `docker`, which is podman here */
  static async start(folder: string): Promise<Engine> {
    mkdirSync(IMAGES, { recursive: true })
    const write = (name: string, text: string, mode = 0o644) => {
      writeFileSync(join(folder, name), text, { mode })
      return join(folder, name)
    }
    const containers = write(
      'containers.conf',
      `[containers]
default_ulimits = ["nofile=20000:20000", "nproc=32768:32768"]
[network]
network_config_dir = "${folder}/networks"
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
tmp_dir = "/run/libpod"
`,
    )
    const storage = write(
      'storage.conf',
      `[storage]\ndriver = "overlay"\nrunroot = "/run/containers/storage"\ngraphroot = "${IMAGES}"\n`,
    )
    mkdirSync(join(folder, 'bin'))
    write('bin/docker', dockerScript(existsSync(COMPOSE.path) ? COMPOSE.path : 'podman-compose'), 0o755)
    const holder = spawn(
      'unshare',
      [
        ...[
          '--mount',
          '--net',
          '--pid',
          '--fork',
          '--kill-child',
          '--mount-proc',
          '--propagation',
          'private',
        ],
        ...['sh', '-c', HOLD],
      ],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    )
    await once(holder.stdout!, 'data')
    const children = readFileSync(`/proc/${holder.pid}/task/${holder.pid}/children`, 'utf8')
    const env = {
      ...process.env,
      PATH: `${folder}/bin:${process.env.PATH}`,
      CONTAINERS_CONF: containers,
      CONTAINERS_STORAGE_CONF: storage,
      BUILDAH_ISOLATION: 'chroot',
    }
    const engine = new Engine(holder, children.trim(), env)
    // They end with the namespace.
    if (engine.hasCompose) await engine.must(`(${SERVE}) > /dev/null 2>&1 &`, { cwd: folder })
    return engine
  }

  /** Runs a shell's command line. */
  async run(script: string, { cwd, isOnline = false, onSaid }: RunOptions): Promise<Ran> {
    const namespaces = ['--mount', '--pid', ...(isOnline ? [] : ['--net'])]
    const child = spawn(
      'nsenter',
      ['--target', this.#pid, ...namespaces, 'bash', '-c', `cd "${cwd}" || exit\n${script}`],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: this.#env,
      },
    )
    const output = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr'] as const)
      child[name].on('data', (data) => {
        if (output[name].length < MAX_OUTPUT_BYTES) output[name] += String(data)
      })
    if (onSaid) child.stderr.on('data', (data) => onSaid(String(data)))
    const [code] = (await once(child, 'close')) as [number | null]
    return { code, ...output }
  }

  /** The same for what has to succeed. @throws Error with what it said */
  async must(script: string, options: RunOptions): Promise<string> {
    const { code, stdout, stderr } = await this.run(script, options)
    if (code !== 0)
      throw new Error(`${script}\nended with ${code}\n${stdout.slice(-2000)}\n${stderr.slice(-4000)}`)
    return stdout
  }

  /** Ends all containers and whatever else was started here. */
  async stop(): Promise<void> {
    const ended = once(this.#holder, 'exit')
    this.#holder.stdin?.end()
    this.#holder.kill('SIGKILL')
    await ended
  }
}

/**
 * What the documents call docker. The cache of layers stands for the registry, and the machine's authorities for certificates are trusted. Images are
 * built one after the other, so that what they share is built once, and by podman-compose: Docker Compose does not know those options.
 */
const dockerScript = (compose: string) => `#!/bin/bash
certificates="--volume=/etc/ssl/certs:/etc/ssl/certs:ro --build-arg=NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt"
build="--pull-never --layers --isolation=chroot --format=docker $certificates"
case "$*" in
  compose*\\ build*) shift; exec podman-compose --parallel 1 --podman-build-args="$build" "$@" ;;
  compose*) shift; DOCKER_HOST=unix:///run/libpod/podman.sock exec ${compose} "$@" ;;
  build*) shift; exec buildah bud $build "$@" ;;
  *) exec podman "$@" ;;
esac
`
/** Podman's interface for Docker's tools, and what its timers do where there is systemd: ask containers how they are. */
const SERVE = `podman system service --time=0 unix:///run/libpod/podman.sock &
( while sleep 2; do for each in $(podman ps --quiet); do podman healthcheck run "$each" & done; wait; done )`
const HOLD = `mount -t tmpfs tmpfs /run/containers 2>/dev/null || { mkdir -p /run/containers && mount -t tmpfs tmpfs /run/containers; }
mkdir -p /run/libpod && mount -t tmpfs tmpfs /run/libpod
ip link set lo up
echo held
exec cat`
