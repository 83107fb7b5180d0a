import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { aptInstall } from '../../deploy/local/servers/apt.ts'
import { findOnPath } from '../../deploy/local/servers/find-binary.ts'
import type { Report } from '../../deploy/local/servers/server-source.ts'

const execute = promisify(execFile)
const PACKAGES = [
  'python3-gi',
  'gir1.2-gst-rtsp-server-1.0',
  'gstreamer1.0-plugins-good',
  'gstreamer1.0-plugins-bad',
]
const PROBE = "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import GstRtspServer"

/**
 * GStreamer's RTSP server for the tests of cameras, as a Python that can run it; without one those tests are skipped.
 * A Python of one's own before the system's does not see Debian's modules, so the system's is tried by its path.
 */
export async function resolveRtspPython(
  report: Report,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string | undefined> {
  const candidates = [env.MURMUR_RTSP_PYTHON, '/usr/bin/python3', findOnPath(['python3'], env)]
  const present = await firstThatRuns(candidates)
  if (present) return present
  if (env.CI) {
    const refusal = await aptInstall(PACKAGES, env).catch((error: Error) => error.message)
    if (refusal === undefined) return firstThatRuns(candidates)
    report(`RTSP server: apt-get install ${PACKAGES.join(' ')}: ${refusal}`)
  }
  report(`RTSP server: none here; the tests of RTSP are skipped (apt-get install ${PACKAGES.join(' ')})`)
  return undefined
}

async function firstThatRuns(pythons: readonly (string | undefined)[]): Promise<string | undefined> {
  for (const python of pythons) {
    if (python !== undefined && (await runs(python))) return python
  }
  return undefined
}

async function runs(python: string): Promise<boolean> {
  try {
    await execute(python, ['-c', PROBE], { timeout: 10_000 })
    return true
  } catch {
    // No such Python, or one without the modules: both mean that it can't be used.
    return false
  }
}
