import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { findOnPath } from '../../../deploy/local/servers/find-binary.ts'
import { PeerMissing, type Report } from './peer.ts'

const execute = promisify(execFile)
const SOURCES = join(import.meta.dirname, '..')
/** What scripts of several peers have in common. */
const BESIDE = ['line-protocol.ts', 'http-task.mjs'] as const
const DONE = '.installed'
const NPM_TIMEOUT_MS = 300_000
const PIP_TIMEOUT_MS = 300_000
/** A large server takes two cores a quarter of an hour. */
const GO_TIMEOUT_MS = 1_800_000
const OUTPUT_BYTES = 64 * 2 ** 20
const SHOWN_CHARACTERS = 300

/** Where the packages of a peer are kept, apart from the product's. */
export function peerFolder(name: string, env: NodeJS.ProcessEnv = process.env): string {
  return join(env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'murmuration', 'peers', name)
}

/** The npm packages of `loadtest/peers/NAME/package-lock.json` and its scripts. @returns the folder @throws PeerMissing */
export async function installNpmPeer(name: string, report: Report): Promise<string> {
  return installed(name, 'package-lock.json', report, async (folder) => {
    const npm = findOnPath(['npm'])
    if (!npm) throw new PeerMissing('no npm on the PATH')
    await run(npm, ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
      cwd: folder,
      timeout: NPM_TIMEOUT_MS,
    })
  })
}

/** The PyPI packages of `loadtest/peers/NAME/requirements.txt`, in a virtual environment, and its scripts. @returns the folder @throws PeerMissing */
export async function installPythonPeer(name: string, report: Report): Promise<string> {
  return installed(name, 'requirements.txt', report, async (folder) => {
    const python = findOnPath(['python3'])
    if (!python) throw new PeerMissing('no python3 on the PATH')
    await run(python, ['-m', 'venv', 'venv'], { cwd: folder, timeout: PIP_TIMEOUT_MS })
    const pip = join(folder, 'venv/bin/pip')
    await run(pip, ['install', '-q', '-r', 'requirements.txt'], { cwd: folder, timeout: PIP_TIMEOUT_MS })
  })
}

/** Programs from a Go module, built where they are not there yet. @returns the folder with them @throws PeerMissing */
export async function installGoPrograms(
  name: string,
  {
    module,
    version,
    packages,
  }: { module: string; version: string; packages: Readonly<Record<string, string>> },
  report: Report,
): Promise<string> {
  const bin = join(peerFolder(name), `bin-${version}`)
  const missing = Object.entries(packages).filter(([program]) => !existsSync(join(bin, program)))
  if (missing.length === 0) return bin
  const go = findOnPath(['go'])
  if (!go) throw new PeerMissing('no Go on the PATH to build its server with')
  report(`${name}: building ${module}@${version}, some ten minutes the first time`)
  const env = { ...process.env, GOBIN: bin, CGO_ENABLED: '0' }
  const targets = missing.map(([, path]) => `${module}/${path}@${version}`)
  await run(go, ['install', '-trimpath', '-ldflags', '-s -w', ...targets], { timeout: GO_TIMEOUT_MS, env })
  return bin
}

/** Once for each state of the lock file; the scripts are copied each time. */
async function installed(
  name: string,
  lock: string,
  report: Report,
  install: (folder: string) => Promise<void>,
): Promise<string> {
  const folder = peerFolder(name)
  mkdirSync(folder, { recursive: true })
  for (const file of readdirSync(join(SOURCES, name)))
    if (!file.endsWith('.ts')) copyFileSync(join(SOURCES, name, file), join(folder, file))
  for (const file of BESIDE) copyFileSync(join(SOURCES, file), join(folder, file))
  const sum = createHash('sha256')
    .update(readFileSync(join(folder, lock)))
    .digest('hex')
  const marker = join(folder, DONE)
  if (existsSync(marker) && readFileSync(marker, 'utf8') === sum) return folder
  rmSync(marker, { force: true })
  report(`${name}: installing its packages into ${folder}`)
  await install(folder)
  writeFileSync(marker, sum)
  return folder
}

async function run(
  program: string,
  args: string[],
  options: { cwd?: string; timeout: number; env?: NodeJS.ProcessEnv },
): Promise<void> {
  try {
    await execute(program, args, { ...options, maxBuffer: OUTPUT_BYTES })
  } catch (error) {
    const { stderr, message, killed } = error as Error & { stderr?: string; killed?: boolean }
    const why = killed ? `not done within ${options.timeout / 1000} s` : (stderr || message).trim()
    throw new PeerMissing(`${program.split('/').at(-1)} ${args[0]}: ${why.slice(-SHOWN_CHARACTERS)}`)
  }
}
