import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseDockerfile, type Stage, stagesOf, words } from './dockerfile.ts'

const root = join(import.meta.dirname, '../..')
export const DOCKERFILE = readFileSync(join(root, 'deploy/images/Dockerfile'), 'utf8')

/** What an engine would start of an image. */
export interface AssembledImage {
  /** The root of the tree. */
  folder: string
  env: Record<string, string>
  uid: number
  gid: number
  workdir: string
  command: string[]
  healthcheck: string[]
}

/**
 * Puts the tree of an image together as the Dockerfile's own COPY and RUN lines of packages say, without an engine. What the base image and the distribution's
 * packages bring is not there: it is mounted from this machine when the tree is started.
 */
export function assembleImage(target: string, folder: string): AssembledImage {
  const stages = parseDockerfile(DOCKERFILE)
  const image: AssembledImage = {
    folder,
    env: {},
    uid: 0,
    gid: 0,
    workdir: '/',
    command: [],
    healthcheck: [],
  }
  let entrypoint: string[] = []
  let command: string[] = []
  mkdirSync(folder, { recursive: true })
  for (const { name, rest } of stagesOf(stages, target).flatMap((stage) => stage.lines)) {
    if (name === 'WORKDIR') image.workdir = rest
    if (name === 'ENV') for (const word of words(rest)) setVariable(image.env, word)
    if (name === 'USER') [image.uid = 0, image.gid = 0] = rest.split(':').map(Number)
    if (name === 'ENTRYPOINT') entrypoint = JSON.parse(rest) as string[]
    if (name === 'CMD') command = JSON.parse(rest) as string[]
    if (name === 'HEALTHCHECK') image.healthcheck = JSON.parse(/CMD (\[.*\])/.exec(rest)?.[1] ?? '[]')
    if (name === 'COPY') copy(stages, image, words(rest))
  }
  image.command = [...entrypoint, ...command]
  return image
}

function setVariable(env: Record<string, string>, word: string): void {
  const at = word.indexOf('=')
  env[word.slice(0, at)] = word.slice(at + 1)
}

function copy(stages: Stage[], image: AssembledImage, args: string[]): void {
  const from = args.find((word) => word.startsWith('--from='))?.slice('--from='.length)
  const paths = args.filter((word) => !word.startsWith('--'))
  const to = paths.pop() ?? ''
  const place = to.startsWith('/') ? join(image.folder, to) : join(image.folder, image.workdir, to)
  if (from === 'node') {
    mkdirSync(dirname(place), { recursive: true })
    cpSync(realpathSync(process.execPath), place)
    return
  }
  if (from !== undefined) {
    if (!makeConsole(stages, from, place)) copyPackages(stages, from, place)
    return
  }
  // A folder's contents are copied to the name given; files into a folder when the name ends with a slash.
  for (const path of paths)
    cpSync(join(root, path), /\/$/.test(to) ? join(place, path.split('/').at(-1) ?? '') : place, {
      recursive: true,
    })
}

function runsOf(stages: Stage[], stage: string): Stage['lines'] {
  return stages.find(({ name }) => name === stage)?.lines.filter(({ name }) => name === 'RUN') ?? []
}

/** Does what the stage's line does that builds the console. @returns false when there is none */
function makeConsole(stages: Stage[], from: string, place: string): boolean {
  const program = runsOf(stages, from)
    .map(({ rest }) => rest.split(/\s+/)[1])
    .find((word) => word?.includes('/console/build/'))
  if (program === undefined) return false
  execFileSync(process.execPath, [join(root, program), place])
  return true
}

/** Does what the stage's line does that chooses packages, from what is installed here. */
function copyPackages(stages: Stage[], from: string, place: string): void {
  const chosen = runsOf(stages, from)
    .flatMap(({ rest }) => rest.split('&&'))
    .map((part) => part.trim().split(/\s+/))
    .find((part) => part[1]?.endsWith('modules-of.mjs'))
  if (!chosen) throw new Error(`the stage ${from} chooses no packages`)
  const [, program = '', , , ...entries] = chosen
  execFileSync(process.execPath, [join(root, program), root, place, ...entries])
}

/** Why trees can't be started here as an engine would; undefined where they can. */
export function whyNotIsolated(): string | undefined {
  if (process.platform !== 'linux') return 'needs Linux'
  if (process.getuid?.() !== 0) return 'needs root, to mount and to change the user'
  const tried = spawnSync('unshare', ['--mount', 'true'])
  return tried.status === 0 ? undefined : 'mount namespaces are not allowed here'
}

/**
 * The program and arguments that start the tree as an engine does: in a root of its own that is read-only but for /tmp, as its user, without capabilities.
 * The C library and devices come from this machine.
 */
export function isolatedCommand(image: AssembledImage): [program: string, args: string[]] {
  for (const path of ['dev', 'proc', 'tmp', 'usr/lib', 'usr/lib64', 'etc'])
    mkdirSync(join(image.folder, path), { recursive: true })
  for (const link of ['lib', 'lib64']) {
    rmSync(join(image.folder, link), { force: true })
    symlinkSync(`usr/${link}`, join(image.folder, link))
  }
  const script = `set -e
mount --bind "$1" "$1"
mount --rbind /dev "$1/dev"
mount -t proc proc "$1/proc"
for each in lib lib64; do
  if [ -d "/usr/$each" ]; then mount --bind "/usr/$each" "$1/usr/$each"; mount -o remount,bind,ro "$1/usr/$each"; fi
done
mount -t tmpfs -o mode=1777,size=256m tmpfs "$1/tmp"
mount -o remount,bind,ro "$1"
tree="$1"; work="$2"; user="$3"; group="$4"; shift 4
exec unshare --root="$tree" --wd="$work" --setgid="$group" --setuid="$user" "$@"`
  const { folder, workdir, uid, gid, command } = image
  const [program = '', ...args] = command
  return [
    'unshare',
    [
      ...['--mount', '--propagation', 'private', 'sh', '-c', script, 'sh'],
      ...[
        folder,
        workdir,
        String(uid),
        String(gid),
        program === 'node' ? '/usr/local/bin/node' : program,
        ...args,
      ],
    ],
  ]
}
