import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { STACK_HOME_FILE } from '#platform/config/local-stack.ts'
import { projectRoot } from '../../../deploy/local/project-paths.ts'
import { packSdk } from '../../../deploy/local/sdk/pack-sdk.ts'
import { SDK_NAME } from '../../../deploy/local/sdk/sdk-manifest.ts'
import { CliError } from '../cli-error.ts'

/** What a new project begins with. */
const TEMPLATE = join(projectRoot, 'examples/agent-project')
const FILES = [
  '.gitignore',
  'README.md',
  'package.json',
  'plan.json',
  'src/main.ts',
  'src/word-count.test.ts',
  'src/word-count.ts',
  'tsconfig.json',
]
/** May be there already: it is where the project will be kept. */
const HARMLESS = new Set(['.git'])

interface Manifest {
  name: string
  dependencies: Record<string, string>
  devDependencies: Record<string, string>
}

/**
 * Makes a project for an agent: the example, with the kit of this checkout inside. Nothing is written when it fails.
 * @param home of the stack that the agent is to run against
 * @returns the files made, relative to the folder
 * @throws CliError FILE_EXISTS when something is in the folder; SetupError SDK_NOT_COMPILED, SDK_NOT_PACKED
 */
export async function makeProject(folder: string, home: string): Promise<string[]> {
  assertEmpty(folder)
  const packed = mkdtempSync(join(tmpdir(), 'murmur-init-'))
  try {
    const tarball = await packSdk(packed)
    const kit = `vendor/${basename(tarball)}`
    const write = (file: string, text: string) => {
      mkdirSync(dirname(join(folder, file)), { recursive: true })
      writeFileSync(join(folder, file), text)
    }
    for (const file of FILES) write(file, readFileSync(join(TEMPLATE, file), 'utf8'))
    write('package.json', manifestFor(folder, kit))
    write(`.murmur/${STACK_HOME_FILE}`, `${home}\n`)
    mkdirSync(join(folder, 'vendor'))
    copyFileSync(tarball, join(folder, kit))
    return [...FILES, kit, `.murmur/${STACK_HOME_FILE}`].sort()
  } finally {
    rmSync(packed, { recursive: true, force: true })
  }
}

function assertEmpty(folder: string): void {
  if (!existsSync(folder)) return
  const there = entriesOf(folder).filter((entry) => !HARMLESS.has(entry))
  if (there.length === 0) return
  throw new CliError('FILE_EXISTS', `${folder} is not empty: ${there.slice(0, 3).join(', ')} …`, {
    fix: 'Name a folder that is empty or not there yet.',
  })
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (cause) {
    throw new CliError('FILE_EXISTS', `${folder} is no folder that can be read`, {
      fix: 'Name a folder that is empty or not there yet.',
      cause,
    })
  }
}

/** The example's package.json, named after the folder, with the kit inside and the ranges of this checkout. */
function manifestFor(folder: string, kit: string): string {
  const read = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as Manifest
  const manifest = read(join(TEMPLATE, 'package.json'))
  const root = read(join(projectRoot, 'package.json'))
  const { zod } = root.dependencies
  const { typescript, '@types/node': nodeTypes } = root.devDependencies
  const whole = {
    ...manifest,
    name: packageName(folder),
    dependencies: { [SDK_NAME]: `file:${kit}`, zod },
    devDependencies: { '@types/node': nodeTypes, typescript },
  }
  return `${JSON.stringify(whole, null, 2)}\n`
}

/** A name that npm accepts. */
function packageName(folder: string): string {
  const name = basename(folder)
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[._-]+|-+$/g, '')
    .slice(0, 100)
  return name || 'my-agent'
}
