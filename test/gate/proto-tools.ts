import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join, relative } from 'node:path'
import { projectRoot } from '../../deploy/local/project-paths.ts'

const SCHEMAS = join(projectRoot, 'schemas/edge')
const GENERATED = join(projectRoot, 'services/edge/grpc/generated')
const BASELINE = join(SCHEMAS, 'baseline.binpb')
const BIN = join(projectRoot, 'node_modules/.bin')

/** Writes what is generated from schemas/edge: code, and descriptors for reflection. @throws Error with what buf says */
export function generateProto(): void {
  inFreshFolder((folder) => {
    generateInto(folder)
    rmSync(GENERATED, { recursive: true, force: true })
    cpSync(join(folder, 'generated'), GENERATED, { recursive: true })
  })
}

/** Makes the contract as it is now the one that later changes are held against: done when it is released. */
export function setBaseline(): void {
  buf('build', '-o', BASELINE)
}

/** What is wrong with the contract: style, changes that break clients, generated code that is not that of the contract. */
export function checkProto(): string[] {
  const faults: string[] = []
  for (const args of [['lint'], ['breaking', '--against', BASELINE], ['format', '--diff', '--exit-code']]) {
    try {
      buf(...args)
    } catch (error) {
      faults.push(`buf ${args[0]}: ${(error as Error).message}`)
    }
  }
  inFreshFolder((folder) => {
    generateInto(folder)
    for (const file of differing(join(folder, 'generated'), GENERATED))
      faults.push(
        `${relative(projectRoot, join(GENERATED, file))} is not what schemas/edge gives: npm run proto`,
      )
  })
  return faults
}

function generateInto(folder: string): void {
  buf('generate', '-o', folder)
  buf('build', '-o', join(folder, 'generated/descriptors.binpb'))
}

function buf(...args: string[]): void {
  const { status, stdout, stderr, error } = spawnSync(join(BIN, 'buf'), args, {
    cwd: SCHEMAS,
    encoding: 'utf8',
    env: { ...process.env, PATH: `${BIN}${delimiter}${process.env.PATH ?? ''}` },
  })
  if (error) throw error
  if (status !== 0) throw new Error(`${stdout}${stderr}`.trim())
}

function differing(one: string, other: string): string[] {
  const read = (folder: string) =>
    new Map(
      (readdirSync(folder, { recursive: true }) as string[])
        .filter((file) => statSync(join(folder, file)).isFile())
        .map((file) => [file, readFileSync(join(folder, file)).toString('base64')]),
    )
  const [a, b] = [read(one), read(other)]
  return [...new Set([...a.keys(), ...b.keys()])].filter((file) => a.get(file) !== b.get(file)).sort()
}

function inFreshFolder(work: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'murmur-proto-'))
  try {
    work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
