import { access } from 'node:fs/promises'
import { delimiter, join } from 'node:path'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const FOLDERS = ['/usr/bin', '/usr/local/bin', '/snap/bin', '/opt/google/chrome']
const MACOS = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'

/** A Chromium of this machine, where there is one. */
export async function findChromium(): Promise<string | undefined> {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...FOLDERS].filter((folder) => folder !== '')
  for (const path of [...folders.flatMap((folder) => NAMES.map((name) => join(folder, name))), MACOS]) {
    const exists = await access(path).then(
      () => true,
      () => false,
    )
    if (exists) return path
  }
  return undefined
}
