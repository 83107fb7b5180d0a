import { copyFileSync, cpSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { ServerBinary } from '../../../../deploy/local/servers/server-source.ts'
import { type AssembledImage, assembleImage } from '../../../support/image-tree.ts'
import { findRedisExporter } from '../../../support/redis-exporter.ts'

/** Where images keep programs, when they do not say. */
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

const EXPORTER = 'oliver006/redis_exporter'

export interface Programs {
  nats: ServerBinary
  redis: ServerBinary
}

/** Assembles each image once, by its name without registry and version. */
export function createTrees(folder: string, programs: Programs): (image: string) => AssembledImage {
  const made = new Map<string, AssembledImage>()
  return (image) => {
    const name = image.replace(/(:[^/]*|@.*)$/, '')
    let tree = made.get(name)
    if (!tree) {
      const place = join(folder, name.replaceAll('/', '-'))
      const own = /^murmuration\/(.+)$/.exec(name)?.[1]
      if (own !== undefined) tree = assembleImage(own, place)
      else if (name === EXPORTER) tree = exporterTree(place)
      else tree = serverTree(name, place, programs)
      tree.env = { PATH, ...tree.env }
      made.set(name, tree)
    }
    return tree
  }
}

/** What stands for its image: one program, which is what the image starts. */
function exporterTree(folder: string): AssembledImage {
  const program = findRedisExporter()
  if (program === undefined) throw new Error(`no program stands for ${EXPORTER}`)
  const place = join(folder, 'usr/local/bin')
  mkdirSync(place, { recursive: true })
  copyFileSync(program, join(place, 'redis_exporter'))
  return { ...imageOf(folder), command: ['redis_exporter'] }
}

/** What stands for the image of NATS or Redis: the program that tests use, beside the shell and tools of this machine. */
function serverTree(name: string, folder: string, { nats, redis }: Programs): AssembledImage {
  const place = join(folder, 'usr/local/bin')
  mkdirSync(place, { recursive: true })
  const binary = name === 'nats' ? nats : redis
  const copy = (from: string) => copyFileSync(from, join(place, from.split('/').at(-1) ?? ''))
  copy(binary.path)
  if (name === 'redis') copy(join(binary.path, '../redis-cli'))
  const libraries = join(folder, 'usr/local/lib')
  if (binary.libraryPath) cpSync(binary.libraryPath, libraries, { recursive: true, verbatimSymlinks: true })
  return imageOf(folder)
}

function imageOf(folder: string): AssembledImage {
  return {
    folder,
    env: { LD_LIBRARY_PATH: '/usr/local/lib' },
    uid: 0,
    gid: 0,
    workdir: '/',
    command: [],
    healthcheck: [],
  }
}
