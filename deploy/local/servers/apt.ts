import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { findOnPath } from './find-binary.ts'

const execute = promisify(execFile)
const APT_TIMEOUT_MS = 120_000
const INSTALL_TIMEOUT_MS = 300_000
const ETC = '/etc/apt'
// biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own placeholder
const STATUS_FORMAT = '${db:Status-Abbrev}'
const DEFAULT_KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg'

/** Whether this machine has apt and what unpacks its packages. */
export function hasApt(env: NodeJS.ProcessEnv = process.env): boolean {
  return ['apt-get', 'apt-cache', 'dpkg-deb', 'dpkg-query'].every((tool) => findOnPath([tool], env))
}

/**
 * Installs packages on the system, which takes root. Returns why it did not; throws when apt failed.
 * Services that packages would start are not wanted: murmur runs its own.
 */
export async function aptInstall(
  packageNames: string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<string | undefined> {
  if (!hasApt(env)) return 'no apt here'
  if (process.getuid?.() !== 0) return 'needs root'
  const run = (args: string[]) =>
    execute('apt-get', ['-q', '-o', 'DPkg::Lock::Timeout=120', ...args], {
      timeout: INSTALL_TIMEOUT_MS,
      env: { ...env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1', LC_ALL: 'C' },
      maxBuffer: 64 * 1024 * 1024,
    })
  await run(['update'])
  await run(['install', '-y', '--no-install-recommends', ...packageNames])
  return undefined
}

/** The `ID` of the distribution, as in /etc/os-release. */
export function distributionId(osRelease = '/etc/os-release'): string | undefined {
  if (!existsSync(osRelease)) return undefined
  return /^ID="?([\w-]+)"?$/m.exec(readFileSync(osRelease, 'utf8'))?.[1]
}

/** Where the machine gets its Debian packages from, and the key it trusts for them. */
export interface Mirror {
  uri: string
  keyring: string
}

/** The mirror of the main archive, as the machine's own apt configuration names it. */
export function readMirror(etc = ETC): Mirror | undefined {
  const lists = join(etc, 'sources.list.d')
  const files = [join(etc, 'sources.list')]
  if (existsSync(lists)) files.push(...readdirSync(lists).map((name) => join(lists, name)))
  const entries = files
    .filter((file) => existsSync(file) && /\.(list|sources)$/.test(file))
    .flatMap((file) => {
      const text = readFileSync(file, 'utf8').replace(/^[ \t]*#.*\n?/gm, '')
      return file.endsWith('.sources') ? parseStanzas(text) : parseLines(text)
    })
  const main = entries.find(({ uri, suites }) => /debian\/?$/.test(uri) && !/security|backports/.test(suites))
  if (main === undefined) return undefined
  const keyring = main.keyring ?? DEFAULT_KEYRING
  return existsSync(keyring) ? { uri: main.uri, keyring } : undefined
}

interface SourceEntry {
  uri: string
  suites: string
  keyring: string | undefined
}

/** The deb822 form: paragraphs of `Field: value`. */
function parseStanzas(text: string): SourceEntry[] {
  return text.split(/\n\s*\n/).flatMap((stanza) => {
    const field = (name: string) => new RegExp(`^${name}:[ \\t]*(\\S.*)$`, 'im').exec(stanza)?.[1]?.trim()
    const uri = field('URIs')?.split(/\s+/)[0]
    const isUsed = /\bdeb\b/.test(field('Types') ?? '') && field('Enabled') !== 'no'
    return uri && isUsed
      ? [{ uri, suites: field('Suites') ?? '', keyring: pathOnly(field('Signed-By')) }]
      : []
  })
}

/** The one-line form: `deb [options] uri suite components`. */
function parseLines(text: string): SourceEntry[] {
  return [...text.matchAll(/^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)/gm)].map(
    ([, options, uri, suite]) => ({
      uri: uri!,
      suites: suite!,
      keyring: pathOnly(/signed-by=(\S+)/.exec(options ?? '')?.[1]),
    }),
  )
}

/** `Signed-By` may also hold a fingerprint or the key itself. */
function pathOnly(signedBy: string | undefined): string | undefined {
  return signedBy?.startsWith('/') ? signedBy : undefined
}

/**
 * apt with lists, state and downloads of its own in one folder, so that it needs no root and leaves the
 * system's alone. The sources are the machine's, or one suite of its mirror.
 */
export class AptWorkspace {
  readonly #folder: string
  readonly #config: string

  constructor(folder: string, suite?: { mirror: Mirror; name: string }) {
    this.#folder = folder
    this.#config = join(folder, 'apt.conf')
    mkdirSync(join(folder, 'state', 'lists', 'partial'), { recursive: true })
    mkdirSync(join(folder, 'cache', 'archives', 'partial'), { recursive: true })
    const sources = join(folder, 'sources.list')
    if (suite) {
      const { uri, keyring } = suite.mirror
      writeFileSync(sources, `deb [signed-by=${keyring}] ${uri} ${suite.name} main\n`)
    }
    writeFileSync(this.#config, configText(folder, suite && sources))
  }

  async update(): Promise<void> {
    await this.#run('apt-get', ['-q', 'update'])
  }

  /** The packages of libraries that a package needs and this machine lacks. */
  async missingLibraries(packageName: string): Promise<string[]> {
    const listing = await this.#run('apt-cache', ['depends', packageName])
    const libraries = [...listing.matchAll(/^\s*\|?Depends: (lib\S+)$/gm)].map(([, name]) => name!)
    const installed = await Promise.all(libraries.map(isInstalled))
    return libraries.filter((_, index) => !installed[index])
  }

  /** Downloads the packages (checked against the archive's signed lists) and unpacks them into one folder. */
  async unpack(packageNames: string[], into: string): Promise<void> {
    const archives = join(this.#folder, 'cache')
    await this.#run('apt-get', ['-q', 'download', ...packageNames], archives)
    for (const file of readdirSync(archives).filter((name) => name.endsWith('.deb'))) {
      await execute('dpkg-deb', ['-x', join(archives, file), into], { timeout: APT_TIMEOUT_MS })
    }
  }

  async #run(tool: string, args: string[], cwd = this.#folder): Promise<string> {
    const { stdout } = await execute(tool, ['-c', this.#config, ...args], {
      cwd,
      timeout: APT_TIMEOUT_MS,
      env: { ...process.env, LC_ALL: 'C' },
      maxBuffer: 16 * 1024 * 1024,
    })
    return stdout
  }
}

function configText(folder: string, sources: string | undefined): string {
  const quoted = JSON.stringify
  // The machine's hooks work on the system's folders and may need root: they are not for this workspace.
  return `#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
Dir::State ${quoted(join(folder, 'state'))};
Dir::State::status "/var/lib/dpkg/status";
Dir::Cache ${quoted(join(folder, 'cache'))};
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled "false";
Acquire::Retries "1";
Acquire::http::Timeout "10";
Acquire::https::Timeout "10";
${sources === undefined ? '' : `Dir::Etc::sourcelist ${quoted(sources)};\nDir::Etc::sourceparts "-";\n`}`
}

async function isInstalled(packageName: string): Promise<boolean> {
  try {
    const { stdout } = await execute('dpkg-query', ['-W', '-f', STATUS_FORMAT, packageName])
    return stdout.startsWith('ii')
  } catch {
    // dpkg-query fails for a package that it has never heard of.
    return false
  }
}
