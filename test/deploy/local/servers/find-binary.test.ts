import { join } from 'node:path'
import t from 'tap'
import {
  findOnPath,
  firstFound,
  inspectBinary,
  isExecutable,
  versionOf,
} from '../../../../deploy/local/servers/find-binary.ts'
import { fakePath, says } from './fake-path.ts'

t.test('PATH is searched name by name, folder by folder', async (t) => {
  const folder = fakePath(t, { first: says('1.0'), second: says('2.0') })
  const env = { PATH: `:/nowhere:${folder}` }
  t.equal(findOnPath(['second', 'first'], env), join(folder, 'second'))
  t.equal(findOnPath(['third', 'first'], env), join(folder, 'first'))
  t.equal(findOnPath(['third'], env), undefined)
  t.equal(findOnPath(['first'], {}), undefined)
  t.notOk(isExecutable(folder), 'a folder is no program')
  t.notOk(isExecutable(join(folder, 'nothing')))
})

t.test('a version is what the program prints', async (t) => {
  const folder = fakePath(t, {
    nats: says('nats-server: v2.15.0-beta.1'),
    redis: says('Redis server v=7.0.15 sha=0'),
    silent: says('hello'),
    fails: '#!/bin/sh\necho 1.2.3\nexit 1\n',
    flag: '#!/bin/sh\n[ "$1" = -version ] && echo "ffmpeg version 5.1"\n',
  })
  t.equal(await versionOf(join(folder, 'nats')), '2.15.0')
  t.equal(await versionOf(join(folder, 'redis')), '7.0.15')
  t.equal(await versionOf(join(folder, 'silent')), undefined)
  t.equal(await versionOf(join(folder, 'fails')), undefined)
  t.equal(await versionOf(join(folder, 'flag'), { flag: '-version' }), '5.1')
  t.equal(await versionOf('/nowhere/program'), undefined)
})

t.test('a binary is usable, or there is a sentence that says why not', async (t) => {
  const folder = fakePath(t, { good: says('3.1.0'), mute: says('no number') })
  const good = join(folder, 'good')
  t.strictSame(await inspectBinary(good, 'PATH', () => true, '/lib'), {
    kind: 'binary',
    path: good,
    version: '3.1.0',
    origin: 'PATH',
    libraryPath: '/lib',
  })
  t.equal(
    await inspectBinary(good, 'PATH', (version) => version === '3.2.0'),
    `${good} is 3.1.0, which is too old`,
  )
  t.match(await inspectBinary(join(folder, 'mute'), 'PATH', () => true), /mute does not run here$/)
  t.match(await inspectBinary('/nowhere', 'PATH', () => true), /\/nowhere is not an executable file/)
})

t.test('places are tried in order, each with a line; the deepest reason is told', async (t) => {
  const lines: string[] = []
  const found = { origin: 'the cache', version: '1.2' }
  const fails = async () => {
    throw new Error('fetch failed', { cause: new Error('pages of output\n\n  no such host ') })
  }
  const attempts = [
    { name: 'PATH', locate: async () => 'none' },
    { name: 'mirror', locate: fails },
    { name: 'cache', locate: async () => found },
    { name: 'never', locate: async () => t.fail('it was found before') as never },
  ]
  t.equal(await firstFound('NATS', attempts, (line) => lines.push(line)), found)
  t.strictSame(lines, ['NATS: PATH: none', 'NATS: mirror: no such host', 'NATS: 1.2, the cache'])
  t.equal(await firstFound('NATS', attempts.slice(0, 2), () => undefined), undefined)
})
