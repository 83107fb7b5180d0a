import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import react from '@vitejs/plugin-react'
import { build } from 'vite'
import { makeWholeFolder } from '#platform/files/whole-folder.ts'

const SOURCES = resolve(import.meta.dirname, '..')
const ENCODED = /\.(js|css|html|svg|json|webmanifest)$/
/** What is smaller is not worth it. */
const MIN_ENCODED_BYTES = 512
const pack = { br: promisify(brotliCompress), gz: promisify(gzip) }

/**
 * Builds the console into a folder, which is there as a whole or not at all.
 * @param folder absolute; what is there is left alone
 * @throws Error when the sources do not build
 */
export async function buildConsole(folder: string): Promise<void> {
  await makeWholeFolder(folder, async (unfinished) => {
    await build({
      root: SOURCES,
      configFile: false,
      envDir: false,
      logLevel: 'error',
      plugins: [react()],
      resolve: {
        // What decides names ids of child tasks by a hash of Node.
        alias: { 'node:crypto': join(SOURCES, 'data/browser-crypto.ts') },
        conditions: ['browser', 'module', 'import', 'default'],
      },
      build: {
        outDir: unfinished,
        emptyOutDir: true,
        target: ['chrome120', 'firefox121', 'safari17'],
        // The browser asks for what a screen needs when it is shown: preloading it all would make the first one slow.
        modulePreload: { polyfill: false },
        assetsInlineLimit: 0,
        manifest: 'manifest.json',
        reportCompressedSize: false,
        chunkSizeWarningLimit: 1000,
      },
    })
    await encodeAll(unfinished)
  })
}

/** Beside each file its encodings, made once and as small as can be. */
async function encodeAll(folder: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile() && ENCODED.test(entry.name))
  await Promise.all(
    files.map(async (entry) => {
      const path = join(entry.parentPath, entry.name)
      const bytes = await readFile(path)
      if (bytes.length < MIN_ENCODED_BYTES) return
      const br = await pack.br(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 10 } })
      await Promise.all([
        writeFile(`${path}.br`, br),
        pack.gz(bytes, { level: 9 }).then((gz) => writeFile(`${path}.gz`, gz)),
      ])
    }),
  )
}
