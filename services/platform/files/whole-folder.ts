import { mkdir, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Makes a folder that is there as a whole or not at all.
 * @param folder absolute; what is there is left alone
 * @param fill writes into the folder that it is given
 */
export async function makeWholeFolder(
  folder: string,
  fill: (unfinished: string) => Promise<void>,
): Promise<void> {
  const unfinished = `${folder}.${process.pid}.part`
  await mkdir(dirname(folder), { recursive: true })
  try {
    await fill(unfinished)
    await rename(unfinished, folder).catch(async (error: NodeJS.ErrnoException) => {
      // Somebody else was faster, with the same.
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
    })
  } finally {
    await rm(unfinished, { recursive: true, force: true })
  }
}
