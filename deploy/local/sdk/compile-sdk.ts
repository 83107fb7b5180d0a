import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, posix, relative, resolve } from 'node:path'
import { promisify } from 'node:util'
import { messageOf } from '#platform/errors/murmur-error.ts'
import { projectRoot } from '../project-paths.ts'
import { SetupError } from '../setup-error.ts'
import {
  portableSpecifiers,
  relativeSpecifiersIn,
  sourcesImportedBy,
  workerFilesIn,
} from './portable-specifiers.ts'

/** By default there are four that each know all types anew: for so few files, three times the work. */
const ONE_CHECKER = ['--checkers', '1']

/** What authors of agents import, by the name of the package's entry. */
export const SDK_ENTRIES = { '.': 'services/sdk/index.ts', './testing': 'services/sdk/testing.ts' } as const

/** The oldest Node that authors may have knows this much of the language and of its library. */
const LANGUAGE = { target: 'es2022', lib: ['es2023', 'es2024.string'] } as const
const ALIASES = {
  schemas: 'schemas',
  subjects: 'subjects',
  platform: 'services/platform',
  workflow: 'services/workflow',
  sdk: 'services/sdk',
}
/** Editors and compilers need Node's types for what the declarations name, whatever the author's settings say. */
const NODE_TYPES = '/// <reference types="node" />\n'

/**
 * Compiles the kit and everything that it reaches to JavaScript with declarations, in the tree that the sources have.
 * Files that are reached by a URL only, as those of worker threads, are included.
 * @returns the JavaScript files, relative to `outDir`, sorted
 * @throws SetupError SDK_NOT_COMPILED with what the compiler says
 */
export async function compileSdk(outDir: string): Promise<string[]> {
  const files = new Set<string>([
    ...Object.values(SDK_ENTRIES),
    ...workersReachedFrom(Object.values(SDK_ENTRIES)),
  ])
  for (let known = 0; known < files.size; ) {
    known = files.size
    rmSync(outDir, { recursive: true, force: true })
    await runCompiler([...files], outDir)
    for (const file of listFiles(outDir, '.js'))
      for (const worker of workerFilesIn(readFileSync(join(outDir, file), 'utf8')))
        addSource(files, join(dirname(file), worker))
  }
  for (const file of [...listFiles(outDir, '.js'), ...listFiles(outDir, '.d.ts')]) makePortable(outDir, file)
  const declarations = Object.values(SDK_ENTRIES).map((entry) => entry.replace(/\.ts$/, '.d.ts'))
  for (const entry of declarations) {
    const file = join(outDir, entry)
    writeFileSync(file, NODE_TYPES + readFileSync(file, 'utf8'))
  }
  const declared = reachedDeclarations(outDir, declarations)
  for (const file of listFiles(outDir, '.d.ts')) if (!declared.has(file)) rmSync(join(outDir, file))
  return listFiles(outDir, '.js')
}

/** Found in the sources, so that one compilation is enough as a rule; whatever is missed is found in what it emits. */
function workersReachedFrom(entries: readonly string[]): string[] {
  const workers: string[] = []
  const reached = new Set(entries)
  for (const file of reached) {
    if (!existsSync(join(projectRoot, file))) continue
    const text = readFileSync(join(projectRoot, file), 'utf8')
    const folder = dirname(file)
    for (const { alias, path } of sourcesImportedBy(text))
      reached.add(
        posix.join(
          alias === undefined ? folder : ((ALIASES as Record<string, string>)[alias] ?? alias),
          `${path}.ts`,
        ),
      )
    for (const worker of workerFilesIn(text)) {
      const source = posix.join(folder, worker.replace(/\.js$/, '.ts'))
      workers.push(source)
      reached.add(source)
    }
  }
  return workers.filter((file) => existsSync(join(projectRoot, file)))
}

function addSource(files: Set<string>, path: string): void {
  const source = path.replace(/\.js$/, '.ts')
  if (existsSync(join(projectRoot, source))) files.add(source)
}

async function runCompiler(files: readonly string[], outDir: string): Promise<void> {
  mkdirSync(outDir, { recursive: true })
  const project = join(outDir, 'tsconfig.json')
  const at = (path: string) => join(projectRoot, path)
  const settings = {
    extends: at('tsconfig.json'),
    compilerOptions: {
      ...LANGUAGE,
      noEmit: false,
      declaration: true,
      rewriteRelativeImportExtensions: true,
      rootDir: projectRoot,
      outDir,
      typeRoots: [at('node_modules/@types')],
      // Instead of the package's own imports: those the compiler would refuse to emit.
      paths: Object.fromEntries(
        Object.entries(ALIASES).map(([name, folder]) => [`#${name}/*.ts`, [at(`${folder}/*.ts`)]]),
      ),
    },
    include: [],
    files: files.map(at),
  }
  writeFileSync(project, JSON.stringify(settings))
  const compiler = join(projectRoot, 'node_modules/.bin/tsc')
  await promisify(execFile)(compiler, ['-p', project, ...ONE_CHECKER], { cwd: projectRoot }).catch(
    (cause: unknown) => {
      const {
        stdout = '',
        stderr = '',
        signal,
      } = cause as { stdout?: string; stderr?: string; signal?: string }
      // A compiler that was ended says nothing itself.
      const said = stdout.trim() || stderr.trim() || (signal ? `it was ended by ${signal}` : messageOf(cause))
      throw new SetupError(
        'SDK_NOT_COMPILED',
        `the kit for agents does not compile:\n${said}`,
        'Mend what the compiler names; `npm run typecheck` shows it as well.',
      )
    },
  )
  rmSync(project)
}

function makePortable(outDir: string, file: string): void {
  const path = join(outDir, file)
  const text = portableSpecifiers(readFileSync(path, 'utf8'), (alias, rest) => {
    const folder = ALIASES[alias as keyof typeof ALIASES]
    const way = relative(dirname(path), resolve(outDir, folder, rest)).replaceAll('\\', '/')
    return way.startsWith('.') ? way : `./${way}`
  })
  writeFileSync(path, text)
}

/** Declarations of the entries and all that they name: others would only be checked where somebody looks inside. */
function reachedDeclarations(outDir: string, entries: readonly string[]): Set<string> {
  const reached = new Set(entries)
  for (const file of reached)
    for (const specifier of relativeSpecifiersIn(readFileSync(join(outDir, file), 'utf8')))
      reached.add(posix.join(posix.dirname(file), specifier.replace(/\.js$/, '.d.ts')))
  return reached
}

/** Files below a folder that end so, relative to it, with slashes, sorted. */
export function listFiles(folder: string, end: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(end))
    .map((file) => file.replaceAll('\\', '/'))
    .sort()
}
