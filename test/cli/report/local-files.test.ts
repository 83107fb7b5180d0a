import { join } from 'node:path'
import t from 'tap'
import { collectFiles, mediaTypeOf } from '../../../services/cli/report/local-files.ts'

t.test('a media type by the ending of a name', async (t) => {
  t.equal(mediaTypeOf('/a/Sales.CSV'), 'text/csv')
  t.equal(mediaTypeOf('clip.m4v'), 'video/mp4')
  t.equal(mediaTypeOf('Makefile'), 'application/octet-stream')
  t.equal(mediaTypeOf('a.md/b'), 'application/octet-stream', 'a folder has no say')
})

t.test('of a folder, the files right in it that are not hidden, in order', async (t) => {
  const folder = t.testdir({ data: { 'b.csv': 'b', 'a.md': 'aa', '.hidden': 'x', deeper: { 'c.txt': 'c' } } })
  t.strictSame(collectFiles(['data'], folder), [
    { path: join(folder, 'data/a.md'), name: 'a.md', bytes: 2, mediaType: 'text/markdown' },
    { path: join(folder, 'data/b.csv'), name: 'b.csv', bytes: 1, mediaType: 'text/csv' },
  ])
})

t.test('a file that is named twice is one; two of the same name have their paths', async (t) => {
  const folder = t.testdir({ x: { 'a.md': '1' }, y: { 'a.md': '2' } })
  const names = (...paths: string[]) => collectFiles(paths, folder).map(({ name }) => name)
  t.strictSame(names('x/a.md', 'x'), ['a.md'])
  t.strictSame(names('x', 'y'), ['x/a.md', 'y/a.md'])
})

t.test('every argument that is wrong is named', async (t) => {
  const folder = t.testdir({ empty: {}, 'ok.md': 'x' })
  t.throws(() => collectFiles(['gone.csv', 'ok.md', 'empty'], folder), {
    code: 'FILE_UNREADABLE',
    message: 'gone.csv: there is no such file',
    details: ['empty: holds no files (folders inside it are not read)'],
  })
})

t.test('more files than a report takes are refused', async (t) => {
  const files = Object.fromEntries(Array.from({ length: 201 }, (_, i) => [`${i}.md`, 'x']))
  t.throws(() => collectFiles(['.'], t.testdir(files)), { message: '201 files: at most 200 fit a report' })
})
