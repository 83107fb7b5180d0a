import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { parseListing, S3Store } from '../../../services/platform/storage/s3-store.ts'
import { checkFileStore } from '../../support/file-store-conformance.ts'
import { findS3Server, NO_S3_SERVER, startS3 } from '../../support/s3-server.ts'

const nowhere = {
  endpoint: 'http://127.0.0.1:9',
  ...{ region: 'us-east-1', bucket: 'history', prefix: '', accessKeyId: 'a', secretAccessKey: 'b' },
}

const binary = findS3Server()
const options = { skip: binary ? false : NO_S3_SERVER }

t.test('a bucket of a real S3 server keeps what a store promises', options, async (t) => {
  const server = await startS3(t, binary!)
  await t.test('at its root', (t) => checkFileStore(t, new S3Store({ ...server, prefix: '' })))
  const store = new S3Store({ ...server, prefix: 'team/north/' })
  await t.test('below a prefix', (t) => checkFileStore(t, store))
  await t.test('and nobody overwrites what must not be', () => store.assertExclusive())
  await t.test('with a wrong secret it is refused by name', async (t) => {
    const wrong = new S3Store({ ...server, prefix: '', secretAccessKey: 'wrong' })
    await t.rejects(wrong.list(''), { code: 'UNAVAILABLE', message: /403/ })
    await t.rejects(wrong.write('a', Buffer.from('x')), { code: 'UNAVAILABLE', message: /403/ })
  })
  await t.test('more than a page of keys', async (t) => {
    const many = new S3Store({ ...server, prefix: 'many/' })
    const keys = Array.from({ length: 1005 }, (_, i) => `k/${String(i).padStart(4, '0')}`)
    for (let i = 0; i < keys.length; i += 50)
      await Promise.all(keys.slice(i, i + 50).map((key) => many.write(key, Buffer.from('x'))))
    t.strictSame(
      (await many.list('k/')).map(({ key }) => key),
      keys,
    )
  })
})

t.test('a store that does not answer is told', async (t) => {
  await t.rejects(new S3Store(nowhere).read('a'), { code: 'UNAVAILABLE', message: /s3:\/\/history\// })
})

t.test('a store that overwrites what it should not is refused', async (t) => {
  const server = createServer((request, response) => request.resume().on('end', () => response.end()))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  await t.rejects(new S3Store({ ...nowhere, endpoint }).assertExclusive(), /If-None-Match/)
})

t.test('what a listing says is read, escaped names too', async (t) => {
  const { files, next } = parseListing(
    '<?xml version="1.0"?><ListBucketResult><Name>b</Name><NextContinuationToken>t&amp;1</NextContinuationToken>' +
      '<Contents><Key>a&lt;b</Key><LastModified>2026-11-29T10:00:00.000Z</LastModified><Size>12</Size>' +
      '<Owner><ID>x</ID></Owner></Contents></ListBucketResult>',
  )
  t.strictSame(files, [{ key: 'a<b', modifiedAtMs: Date.parse('2026-11-29T10:00:00Z'), bytes: 12 }])
  t.equal(next, 't&1')
})
