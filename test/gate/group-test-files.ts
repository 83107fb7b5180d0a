import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { importsOf } from '../support/scan-source.ts'

/** Files that one process runs: so that a failure is soon found, and one of them that hangs takes few others with it. */
const MAX_GROUP = 16

/** Modules that reach outside the process, or change it for everybody in it. */
const PROCESS_MODULES =
  /^(?:node:)?(?:child_process|cluster|dgram|http|http2|https|inspector|net|tls|worker_threads)$|^playwright/
/** What changes the process, or tap's root, for the files beside it. */
const PROCESS_CODE =
  /\bprocess\.(?:env|exit|exitCode|on|once|off|kill|chdir|stdout|stderr|emit)\b|\bglobalThis\b|\bmock\.timers\b|^t\.(?:after|afterEach|bailout|before|beforeEach|end|jobs|plan|setTimeout|teardown)\b/m

/**
 * Test files that can share a process, in groups of up to 16, and those that can't, each alone. A start costs half a second of
 * processor time, which is more than most tests of pure code need. A test is one of pure code when neither it nor a file under
 * `test/` that it imports starts processes, opens sockets or changes its process.
 */
export function groupTestFiles(root: string, files: readonly string[]): string[][] {
  const scanner = new Scanner(root)
  const shared = files.filter((file) => scanner.isShareable(file))
  const alone = files.filter((file) => !scanner.isShareable(file))
  const count = Math.ceil(shared.length / MAX_GROUP)
  const startOf = (i: number) => Math.floor((i * shared.length) / count)
  const groups = Array.from({ length: count }, (_, i) => shared.slice(startOf(i), startOf(i + 1)))
  return [...alone.map((file) => [file]), ...groups]
}

class Scanner {
  readonly #root: string
  readonly #known = new Map<string, boolean>()

  constructor(root: string) {
    this.#root = root
  }

  isShareable(file: string): boolean {
    const known = this.#known.get(file)
    if (known !== undefined) return known
    // A circle is as good as what else it holds.
    this.#known.set(file, true)
    const isShareable = this.#scan(file)
    this.#known.set(file, isShareable)
    return isShareable
  }

  #scan(file: string): boolean {
    if (!existsSync(join(this.#root, file))) return false
    const text = readFileSync(join(this.#root, file), 'utf8')
    // Beside others nobody would see that a file holds no test.
    if (file.endsWith('.test.ts') && !/\btest\(/.test(text)) return false
    if (PROCESS_CODE.test(text)) return false
    return importsOf(text).every((specifier) => {
      if (PROCESS_MODULES.test(specifier)) return false
      if (!specifier.startsWith('.')) return true
      const path = posix.join(dirname(file), specifier)
      if (path.startsWith('deploy/')) return false
      return !path.startsWith('test/') || this.isShareable(path)
    })
  }
}
