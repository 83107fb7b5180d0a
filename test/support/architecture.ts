import { posix } from 'node:path'
import { FENCES } from './architecture-fences.ts'
import {
  agentLayer,
  BANNED_NAMES,
  BANNED_WORDS,
  CODE_RULES,
  LAYER_RULES,
  type LayerRule,
  LONG_FILES,
  MAX_LINES,
  TOP_LEVEL,
} from './architecture-rules.ts'
import { codeOf, importsOf } from './scan-source.ts'
import type { SourceFile } from './source-files.ts'

/** Each check gives one sentence for each fault; an empty list is good news. */

const ALIASES: Readonly<Record<string, string>> = {
  '#schemas/': 'schemas/',
  '#subjects/': 'subjects/',
  '#platform/': 'services/platform/',
  '#sdk/': 'services/sdk/',
  '#workflow/': 'services/workflow/',
}
const PLAIN_SCHEMA_PACKAGES = new Set(['zod'])

/** Path of the source that a specifier means; undefined for packages and node's own modules. */
export function resolveImport(from: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) return posix.join(posix.dirname(from), specifier)
  for (const [alias, folder] of Object.entries(ALIASES)) {
    if (specifier.startsWith(alias)) return folder + specifier.slice(alias.length)
  }
  return undefined
}

/** Imports between layers. */
export function checkLayers(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) => {
    const rule = layerOf(file.path)
    if (!rule) return [`${file.path}: belongs to no layer; add one to LAYER_RULES with its reason`]
    return importsOf(file.text).flatMap((specifier) => {
      const target = resolveImport(file.path, specifier)
      if (target === undefined) return checkSchemaPackage(file.path, specifier)
      const allowed = [rule.layer, ...rule.mayImport].some((prefix) => target.startsWith(prefix))
      return allowed ? [] : [`${file.path}: imports ${target}; ${rule.why}`]
    })
  })
}

function checkSchemaPackage(path: string, specifier: string): string[] {
  if (!path.startsWith('schemas/') || PLAIN_SCHEMA_PACKAGES.has(specifier)) return []
  return [`${path}: imports ${specifier}; schemas import zod only`]
}

function layerOf(path: string): LayerRule | undefined {
  const rules = LAYER_RULES.filter((rule) => path.startsWith(rule.layer))
  const [longest] = rules.sort((a, b) => b.layer.length - a.layer.length)
  if (longest) return longest
  const agent = /^services\/agents\/(?:report|video)\/[^/]+\/|^services\/agents\/api-caller\//.exec(path)
  return agent ? agentLayer(agent[0]) : undefined
}

/** Libraries outside their fences. */
export function checkFences(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) =>
    importsOf(file.text).flatMap((specifier) =>
      FENCES.filter((fence) => fence.packages.some((name) => isOfPackage(specifier, name)))
        .filter((fence) => !isWithin(file.path, fence.only))
        .map(
          (fence) => `${file.path}: imports ${specifier}, which belongs to ${fence.only[0]}; ${fence.why}`,
        ),
    ),
  )
}

function isOfPackage(specifier: string, name: string): boolean {
  return name.endsWith('/')
    ? specifier.startsWith(name)
    : specifier === name || specifier.startsWith(`${name}/`)
}

/** Expressions outside the places they belong to. */
export function checkCode(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) => {
    const rules = CODE_RULES.filter((rule) => !isWithin(file.path, rule.only))
    if (rules.length === 0) return []
    const lines = codeOf(file.text).split('\n')
    return rules.flatMap((rule) =>
      lines.flatMap((line, index) =>
        rule.pattern.test(line)
          ? [`${file.path}:${index + 1}: has ${rule.what}, which belongs to ${rule.only[0]}; ${rule.why}`]
          : [],
      ),
    )
  })
}

/** Imports that lead back to where they started, one fault a cycle. */
export function checkCycles(files: readonly SourceFile[]): string[] {
  const known = new Set(files.map((file) => file.path))
  const graph = new Map(
    files.map((file) => [
      file.path,
      importsOf(file.text)
        .map((specifier) => resolveImport(file.path, specifier))
        .filter((target) => target !== undefined)
        .filter((target) => known.has(target)),
    ]),
  )
  const faults: string[] = []
  const done = new Set<string>()
  const visit = (path: string, trail: readonly string[]) => {
    const start = trail.indexOf(path)
    if (start >= 0) faults.push(`cycle of imports: ${[...trail.slice(start), path].join(' → ')}`)
    if (start >= 0 || done.has(path)) return
    for (const target of graph.get(path) ?? []) visit(target, [...trail, path])
    done.add(path)
  }
  for (const path of graph.keys()) visit(path, [])
  return faults
}

/** Imports of sources that are not there. */
export function checkTargets(files: readonly SourceFile[]): string[] {
  const known = new Set(files.map((file) => file.path))
  return files.flatMap((file) =>
    importsOf(file.text).flatMap((specifier) => {
      const target = resolveImport(file.path, specifier)
      if (target === undefined || !target.endsWith('.ts') || known.has(target)) return []
      return [`${file.path}: imports ${target}, which is not there`]
    }),
  )
}

const KEBAB_CASE = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:(?:\.(?:property|conformance|long))?\.test)?\.ts$/

export function checkNames(files: readonly SourceFile[]): string[] {
  return files.filter(isWritten).flatMap(({ path }) => {
    const file = posix.basename(path)
    const faults = KEBAB_CASE.test(file) ? [] : [`${path}: file names are kebab-case`]
    const banned = path
      .replace(/(?:\.test)?\.ts$/, '')
      .split(/[/-]/)
      .find((word) => BANNED_NAMES.has(word))
    return banned ? [...faults, `${path}: "${banned}" says nothing about what is inside`] : faults
  })
}

/** Words that a stranger would have to learn here. */
export function checkWords(files: readonly SourceFile[]): string[] {
  return files.filter(isWritten).flatMap(({ path, text }) => {
    if (path.startsWith('test/support/architecture') || path === 'test/architecture.test.ts') return []
    const lines = [path, ...codeOf(text).split('\n')]
    return BANNED_WORDS.flatMap(({ pattern, say }) =>
      lines.flatMap((line, index) => {
        const word = pattern.exec(line)?.[0]
        return word === undefined ? [] : [`${path}:${index}: "${word}" is our word; the field says ${say}`]
      }),
    )
  })
}

/** By people: how generated code looks is its generator's business. */
function isWritten({ path }: SourceFile): boolean {
  return !path.includes('/generated/')
}

export function checkLengths(files: readonly SourceFile[]): string[] {
  return files.filter(isWritten).flatMap(({ path, text }) => {
    const lines = text.trimEnd().split('\n').length
    if (lines <= MAX_LINES || LONG_FILES[path]) return []
    return [`${path}: ${lines} lines, more than ${MAX_LINES}; split it, or give LONG_FILES a good reason`]
  })
}

const MIRRORED = ['services/', 'schemas/', 'subjects/', 'deploy/'] as const
const TEST_KINDS = ['', '.property', '.conformance', '.long'] as const
/** In code without strings: a function, an arrow with a body, a class. What has none is a table or a type. */
const LOGIC = /\bfunction\b|=>\s*[{(\w[]|\bclass\b/

/** Whether at least `minShare` of the sources with logic have a test of the same path: `services/a/b.ts` and `test/a/b.test.ts`. */
export function checkMirror(files: readonly SourceFile[], minShare: number): string[] {
  const known = new Set(files.map(({ path }) => path))
  const sources = files.filter(isWritten).filter(({ path, text }) => {
    const isEntry = ['main.ts', 'index.ts'].includes(posix.basename(path))
    return isWithin(path, MIRRORED) && !isEntry && !isDrivenInBrowser(path, text) && LOGIC.test(codeOf(text))
  })
  const untested = sources.filter(({ path }) => {
    const test = `test/${path.replace(/^services\//, '').replace(/\.ts$/, '')}`
    return !TEST_KINDS.some((kind) => known.has(`${test}${kind}.test.ts`))
  })
  const tested = sources.length - untested.length
  if (tested >= minShare * sources.length) return []
  const some = untested.slice(0, 20).map(({ path }) => path)
  return [
    `tests of the same path: ${tested} of ${sources.length} sources with logic, fewer than ${Math.round(minShare * 100)} %; ` +
      `there is none of ${some.join(', ')}${untested.length > some.length ? ' …' : ''}`,
  ]
}

/** What a page does is seen in a browser: test/console drives it there, a screen at a time. */
function isDrivenInBrowser(path: string, text: string): boolean {
  return (
    path.startsWith('services/console/') &&
    importsOf(text).some((specifier) => /^(@tanstack\/)?react\b/.test(specifier))
  )
}

export function checkTopLevel(entries: readonly string[]): string[] {
  return entries
    .filter((entry) => !entry.startsWith('.') && !TOP_LEVEL.has(entry))
    .map((entry) => `${entry}: the top level is fixed by the design`)
}

function isWithin(path: string, prefixes: readonly string[]): boolean {
  return prefixes.some((prefix) => path.startsWith(prefix))
}
