import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { murmurHome } from '../../deploy/local/project-paths.ts'
import { findOnPath } from '../../deploy/local/servers/find-binary.ts'
import type { Report } from '../../deploy/local/servers/server-source.ts'

const execute = promisify(execFile)
const VERSION = '1.85.1'
const PACKAGES = [`grpcio==${VERSION}`, `grpcio-reflection==${VERSION}`]
const PROBE = 'import grpc, grpc_reflection'
const INSTALL_TIMEOUT_MS = 60_000

export interface GrpcPython {
  python: string
  /** For PYTHONPATH; empty where this Python has the packages by itself. */
  path: string
}

/**
 * A Python with Google's own gRPC, for the test of a client that is not ours: one that has it, else one whose pip fetches it into
 * the cache. Without either that test is skipped.
 */
export async function resolveGrpcPython(
  report: Report,
  env: NodeJS.ProcessEnv = process.env,
): Promise<GrpcPython | undefined> {
  const pythons = [env.MURMUR_GRPC_PYTHON, findOnPath(['python3'], env), '/usr/bin/python3'].filter(
    (python, i, all) => python !== undefined && all.indexOf(python) === i,
  ) as string[]
  const path = join(murmurHome(env), 'python', `grpcio-${VERSION}`)
  for (const python of pythons)
    for (const one of ['', path]) if (await runs(python, one)) return { python, path: one }
  let refusal = 'no python3'
  for (const python of pythons) {
    const told = await install(python, path).catch(
      (error: Error) => error.message.trim().split('\n').at(-1) ?? '',
    )
    if (told === undefined && (await runs(python, path))) {
      report(`gRPC for Python: ${VERSION}, fetched with pip into the cache`)
      return { python, path }
    }
    refusal = told ?? 'it does not run'
  }
  report(`gRPC for Python: none here; the test of that client is skipped (pip: ${refusal})`)
  return undefined
}

/** Complete or not at all; wheels only, for nobody waits for a compiler. */
async function install(python: string, path: string): Promise<undefined> {
  const partial = `${path}.${process.pid}`
  mkdirSync(partial, { recursive: true })
  try {
    const options = [
      '--quiet',
      '--disable-pip-version-check',
      '--no-input',
      '--only-binary',
      ':all:',
      '--target',
      partial,
    ]
    await execute(python, ['-m', 'pip', 'install', ...options, ...PACKAGES], { timeout: INSTALL_TIMEOUT_MS })
    if (existsSync(path)) rmSync(path, { recursive: true })
    renameSync(partial, path)
  } finally {
    rmSync(partial, { recursive: true, force: true })
  }
}

async function runs(python: string, path: string): Promise<boolean> {
  try {
    await execute(python, ['-c', PROBE], {
      timeout: 10_000,
      env: { ...process.env, ...(path && { PYTHONPATH: path }) },
    })
    return true
  } catch {
    // No such Python, or one without the packages.
    return false
  }
}
