import { execFileSync } from 'node:child_process'
import { existsSync, lstatSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { runQuietly } from './run-quietly.mjs'

/** The first Node that runs TypeScript as it is, without a flag. */
const OLDEST = [22, 18]

/**
 * The Node that runs the sources: the one that comes as the npm package `node`, whatever the machine's own is.
 * The machine's own stands in where that one does not run (musl, unusual processors), if it is new enough.
 * @param {string} root
 * @param {(line: string) => void} say
 * @returns {Promise<string>} its path
 */
export async function ensureNode(root, say) {
  const packaged = join(root, 'node_modules', 'node', 'bin', 'node')
  if (versionOf(packaged) === undefined) await fetchPackaged(root, say)
  if (isNewEnough(versionOf(packaged))) {
    link(join(root, 'node_modules', '.bin', 'node'))
    return packaged
  }
  if (isNewEnough(process.versions.node)) return process.execPath
  throw new Error(
    `The sources need Node ${OLDEST.join('.')} or newer; this is ${process.versions.node}, and the npm package ` +
      '"node" does not run here. Install a newer Node.',
  )
}

/** Runs the package's install script, which fetches the binary for this platform through npm. */
async function fetchPackaged(root, say) {
  say('Fetching Node for the project …')
  try {
    await runQuietly(process.execPath, ['installArchSpecificPackage.js'], {
      cwd: join(root, 'node_modules', 'node'),
      failure: 'Node could not be fetched.',
    })
  } catch (error) {
    // Not the end yet: the machine's own Node may do.
    say(error.message)
  }
}

/** npm makes this link, but not for a file that an install script brings later. */
function link(path) {
  if (existsSync(path)) return
  if (lstatSync(path, { throwIfNoEntry: false })) rmSync(path)
  symlinkSync('../node/bin/node', path)
}

function versionOf(node) {
  if (!existsSync(node)) return undefined
  try {
    return execFileSync(node, ['--version'], { encoding: 'utf8', timeout: 10_000 }).trim().slice(1)
  } catch {
    // Another platform's binary, or a broken download: to be fetched again.
    return undefined
  }
}

function isNewEnough(version) {
  if (version === undefined) return false
  const [major, minor] = version.split('.').map(Number)
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])
}
