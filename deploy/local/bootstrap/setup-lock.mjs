import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const POLL_INTERVAL_MS = 200

/**
 * Runs the set-up while no other process of this checkout does: two that install at once break each other.
 * @template T
 * @param {string} root
 * @param {(line: string) => void} say
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withSetupLock(root, say, work) {
  const home = process.env.MURMUR_HOME ? resolve(process.env.MURMUR_HOME) : join(root, '.murmur')
  const lock = join(home, 'setup.lock')
  mkdirSync(home, { recursive: true })
  let waiting = false
  while (!take(lock)) {
    if (clearIfAbandoned(lock)) continue
    if (!waiting) say('Another process is setting this checkout up; waiting for it …')
    waiting = true
    await sleep(POLL_INTERVAL_MS)
  }
  try {
    return await work()
  } finally {
    rmSync(lock, { force: true })
  }
}

/** Creating the file is the lock: of two that try at once, one succeeds. */
function take(lock) {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  }
}

/** A lock whose holder is gone (Ctrl-C, a crash) is nobody's. */
function clearIfAbandoned(lock) {
  const holder = Number.parseInt(readHolder(lock), 10)
  // Created but not written yet: its holder is at it.
  if (Number.isNaN(holder) || isAlive(holder)) return false
  rmSync(lock, { force: true })
  return true
}

function readHolder(lock) {
  try {
    return readFileSync(lock, 'utf8')
  } catch (error) {
    if (error.code === 'ENOENT') return ''
    throw error
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}
