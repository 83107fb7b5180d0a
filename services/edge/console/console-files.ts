import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'

/** A file of the built console, as it is sent. */
export interface ConsoleFile {
  readonly type: string
  /** Of the bytes before they are encoded. */
  readonly etag: string
  /** Its name has a hash of its content: it never changes. */
  readonly isImmutable: boolean
  /** Which encodings there are beside the plain one. */
  readonly encodings: readonly Encoding[]
}

export type Encoding = 'br' | 'gzip'

const SUFFIXES: Readonly<Record<Encoding, string>> = { br: '.br', gzip: '.gz' }
const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  json: 'application/json',
  webmanifest: 'application/manifest+json',
  woff2: 'font/woff2',
  png: 'image/png',
}
const INDEX = 'index.html'
/** What the build puts there, whose names tell their content. */
const HASHED = /^assets\/.+-[\w-]{8}\.\w+$/
/** A console that is not there may be built meanwhile: it is searched for again no more often than this. Milliseconds. */
const SEARCH_INTERVAL_MS = 500
const MAX_FILES = 2000

/**
 * The files of a built console, by their path from its folder. Only what was found in the folder when it was listed is ever read, so no path
 * of a request leads anywhere else.
 */
export class ConsoleFiles {
  readonly #folder: string | undefined
  readonly #nowMs: () => number
  #files: ReadonlyMap<string, ConsoleFile> | undefined
  #listing: Promise<void> | undefined
  #searchedAtMs = Number.NEGATIVE_INFINITY

  /** @param folder undefined: there is no console @param nowMs monotonic */
  constructor(folder: string | undefined, nowMs: () => number) {
    this.#folder = folder
    this.#nowMs = nowMs
  }

  /** Whether there is one to be shown; where there was none a moment ago, it is not searched for again. */
  async isThere(): Promise<boolean> {
    if (this.#files) return true
    if (this.#folder === undefined) return false
    const nowMs = this.#nowMs()
    if (!this.#listing && nowMs - this.#searchedAtMs >= SEARCH_INTERVAL_MS) {
      this.#searchedAtMs = nowMs
      this.#listing = this.#list(this.#folder).finally(() => {
        this.#listing = undefined
      })
    }
    await this.#listing
    return this.#files !== undefined
  }

  /** @param path without its first slash; an empty one is the page itself. Undefined: there is no such file */
  find(path: string): ConsoleFile | undefined {
    return this.#files?.get(path === '' ? INDEX : path)
  }

  /** Its bytes, encoded. @throws Error when it was deleted meanwhile */
  async read(path: string, encoding: Encoding | undefined): Promise<Buffer> {
    const name = path === '' ? INDEX : path
    return readFile(join(this.#folder!, name + (encoding ? SUFFIXES[encoding] : '')))
  }

  async #list(folder: string): Promise<void> {
    const names = await namesIn(folder)
    if (!names.has(INDEX)) return
    const plain = [...names].filter((name) => typeOf(name) !== undefined)
    const found = await Promise.all(
      plain.map(async (name): Promise<[string, ConsoleFile]> => {
        const bytes = await readFile(join(folder, name))
        const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`
        const encodings = (['br', 'gzip'] as const).filter((each) => names.has(name + SUFFIXES[each]))
        return [name, { type: typeOf(name)!, etag, isImmutable: HASHED.test(name), encodings }]
      }),
    )
    this.#files = new Map(found)
  }
}

/** The first that both sides have; undefined: as it is. Pure. */
export function encodingFor(
  accepted: string | undefined,
  available: readonly Encoding[],
): Encoding | undefined {
  const wanted = new Set(
    (accepted ?? '')
      .toLowerCase()
      .split(',')
      .map((part) => part.trim())
      .filter((part) => !/;\s*q=0(\.0*)?$/.test(part))
      .map((part) => part.split(';', 1)[0]!.trim()),
  )
  return available.find((encoding) => wanted.has(encoding) || wanted.has('*'))
}

function typeOf(name: string): string | undefined {
  return TYPES[name.slice(name.lastIndexOf('.') + 1)]
}

async function namesIn(folder: string): Promise<Set<string>> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true })
    const files = entries.filter((entry) => entry.isFile()).slice(0, MAX_FILES)
    return new Set(
      files.map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/')),
    )
  } catch {
    return new Set()
  }
}
