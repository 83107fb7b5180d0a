// What one program needs of node_modules, and nothing else: run while an image is built, on Node alone, before anything is installed
// for it. It follows the imports of the sources from the given entries, and the dependencies of the packages found there.
//
//   node deploy/images/modules-of.mjs FROM_FOLDER TO_FOLDER ENTRY...
//
// copies the packages of FROM_FOLDER/node_modules to TO_FOLDER/node_modules, without maps, declarations, and libraries of other platforms.

import { cpSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/** `import … from 'x'`, `export … from 'x'`, `import 'x'`, `import('x')`, `require('x')`; files that threads and processes are started from. */
const IMPORTS = [
  /(?:^|\n)\s*(?:import|export)\s(?!type\b)[^'"()]*?\bfrom\s+['"]([^'"]+)['"]/g,
  /(?:^|\n)\s*import\s+['"]([^'"]+)['"]/g,
  /\b(?:import|require|resolve)\(\s*['"]([^'"]+)['"]/g,
  // A template that begins with a package.
  /\b(?:import|require|resolve)\(\s*`([^.$`][^$`]*\/)/g,
  /new URL\(\s*['"](\.[^'"]+\.[mc]?[jt]s)['"]\s*,\s*import\.meta\.url/g,
]
/** What these packages are for stands in the image already, or is not run. */
const NEVER = new Set(['node', 'ffmpeg-static', '@types/node'])
/** Only its script of installation, which fetches CUDA, needs what these are for. */
const ONLY_TO_INSTALL = { 'onnxruntime-node': new Set(['adm-zip', 'global-agent']) }
const NOT_RUN = /\.(?:map|d\.[mc]?ts|md|markdown)$/i
const BUILTIN = new Set(builtinModules)

/**
 * The sources that are run from these entries, and the packages that they name. Pure but for reading.
 * @param {string} root of the project
 * @param {string[]} entries relative to it
 * @returns {{ files: Set<string>, packages: Set<string> }} files relative to the root
 * @throws Error where a source is named that is not there
 */
export function closureOfSources(root, entries) {
  const aliases = Object.entries(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).imports ?? {})
  const files = new Set()
  const packages = new Set()
  const queue = entries.map((entry) => resolve(root, entry))
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    const name = relative(root, file).split(sep).join('/')
    if (files.has(name)) continue
    if (!existsSync(file)) throw new Error(`${name} is imported and not there`)
    files.add(name)
    for (const specifier of importsOf(readFileSync(file, 'utf8'))) {
      if (specifier.startsWith('.')) {
        queue.push(resolve(dirname(file), specifier))
        continue
      }
      const alias = aliases.find(([pattern]) => specifier.startsWith(pattern.replace('*', '')))
      if (alias) {
        const [pattern, target] = alias
        queue.push(resolve(root, target.replace('*', specifier.slice(pattern.length - 1))))
        continue
      }
      const found = packageOf(specifier)
      if (!specifier.startsWith('node:') && !BUILTIN.has(specifier) && !NEVER.has(found)) packages.add(found)
    }
  }
  return { files, packages }
}

/** What a source imports when it runs: not what it imports as types. Pure. */
export function importsOf(source) {
  return IMPORTS.flatMap((pattern) => [...source.matchAll(pattern)].map(([, specifier]) => specifier))
}

/** @returns the package's name: `@scope/name/file` is of `@scope/name` */
function packageOf(specifier) {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

/**
 * The folders of the packages with all that they depend on, as Node finds them: beside, or above.
 * @param {string} modules the folder above node_modules
 * @returns {Set<string>} folders relative to it
 * @throws Error for a package that is needed and not installed
 */
export function closureOfPackages(modules, names) {
  const folders = new Set()
  const queue = [...names].map((name) => ({ name, from: modules, optional: false }))
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const folder = findPackage(modules, next.from, next.name)
    if (folder === undefined) {
      if (next.optional) continue
      throw new Error(
        `the package ${next.name} is needed by ${relative(modules, next.from) || 'the sources'} and not installed`,
      )
    }
    const name = relative(modules, folder)
    if (folders.has(name)) continue
    folders.add(name)
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    const add = (dependencies, optional) => {
      for (const dependency of Object.keys(dependencies ?? {}))
        if (!NEVER.has(dependency) && !ONLY_TO_INSTALL[next.name]?.has(dependency))
          queue.push({
            name: dependency,
            from: folder,
            optional: optional || manifest.optionalDependencies?.[dependency] !== undefined,
          })
    }
    add(manifest.dependencies, false)
    add(manifest.optionalDependencies, true)
    add(manifest.peerDependencies, true)
  }
  return folders
}

function findPackage(top, from, name) {
  for (let folder = from; ; folder = dirname(folder)) {
    const found = join(folder, 'node_modules', name)
    if (existsSync(join(found, 'package.json'))) return found
    if (folder === top) return undefined
  }
}

/** Whether a file of a package is run here. Pure. */
export function isRun(path, { platform, arch } = process) {
  if (NOT_RUN.test(path)) return false
  const binary = /onnxruntime-node\/bin\/napi-v\d+\/(\w+)(?:\/(\w+))?/.exec(path.split(sep).join('/'))
  if (binary) return binary[1] === platform && (binary[2] === undefined || binary[2] === arch)
  return true
}

/** Copies what the entries need. @returns the packages as `name@version`, without doubles */
export function copyModules(from, to, entries) {
  const { packages } = closureOfSources(from, entries)
  const folders = closureOfPackages(resolve(from), packages)
  rmSync(join(to, 'node_modules'), { recursive: true, force: true })
  for (const folder of folders) {
    const source = join(from, folder)
    const nested = join(source, 'node_modules')
    cpSync(source, join(to, folder), {
      recursive: true,
      // What stands below has an entry of its own, when it is needed.
      filter: (path) => path !== nested && (statSync(path).isDirectory() ? isRun(`${path}/`) : isRun(path)),
    })
  }
  return [...new Set([...folders].map((folder) => idOf(join(from, folder))))].sort()
}

function idOf(folder) {
  const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  return `${name}@${version}`
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const [from, to, ...entries] = process.argv.slice(2)
  const names = copyModules(resolve(from), resolve(to), entries)
  writeFileSync(join(to, 'node_modules', '.packages'), `${names.join('\n')}\n`)
  process.stdout.write(`${names.length} packages for ${entries.join(', ')}\n`)
}
