import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { binaryCache } from '../../deploy/local/project-paths.ts'

/** A copy of the sources as they stand here, committed or not: what is done to it touches nothing else. */
export class WorkingCopy {
  readonly folder: string
  readonly #root: string

  constructor(root: string) {
    this.#root = root
    this.folder = mkdtempSync(join(tmpdir(), 'murmur-mutants-'))
    const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    })
    for (const path of listed.split('\0')) {
      if (path === '') continue
      mkdirSync(dirname(join(this.folder, path)), { recursive: true })
      // A file that is deleted and not committed is listed too.
      cpSync(join(root, path), join(this.folder, path), { force: true, errorOnExist: false, recursive: true })
    }
    symlinkSync(join(root, 'node_modules'), join(this.folder, 'node_modules'))
    // Servers that were fetched once, with what they need beside them.
    mkdirSync(join(this.folder, '.murmur'))
    symlinkSync(binaryCache({}), join(this.folder, '.murmur', 'bin'))
  }

  change(file: string, change: (text: string) => string): void {
    const path = join(this.folder, file)
    writeFileSync(path, change(readFileSync(path, 'utf8')))
  }

  restore(file: string): void {
    cpSync(join(this.#root, file), join(this.folder, file))
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}
