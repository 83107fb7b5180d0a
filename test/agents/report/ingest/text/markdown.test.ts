import t from 'tap'
import {
  dropFrontMatter,
  headingsOf,
  proseBlocks,
} from '../../../../../services/agents/report/ingest/text/markdown.ts'

t.test('front matter is dropped, and its title read', async (t) => {
  t.strictSame(dropFrontMatter('---\ntitle: "A B"\nlang: de\n---\n\ntext'), { body: 'text', title: 'A B' })
  t.strictSame(dropFrontMatter("---\nTitle: 'x'\n...\ntext"), { body: 'text', title: 'x' })
  t.strictSame(dropFrontMatter('---\nlang: de\n---\ntext'), { body: 'text' })
})

t.test('rules at the top are no front matter', async (t) => {
  for (const text of ['---\njust a line\n---\ntext', '---\nkey: never closed', 'text\n---\na: b\n---']) {
    t.strictSame(dropFrontMatter(text), { body: text })
  }
})

t.test('headings: marked or underlined, not in code', async (t) => {
  const text =
    '# One #\n\nTwo\n---\n\n~~~\n# no\n```\n# no\n~~~\n###### Six\n####### seven\n#none\n    # code'
  t.strictSame(headingsOf(text), [
    { level: 1, text: 'One' },
    { level: 2, text: 'Two' },
    { level: 6, text: 'Six' },
  ])
  t.strictSame(headingsOf('- entry\n---'), [], 'a rule after a list')
  t.strictSame(headingsOf('\n---'), [], 'a rule after nothing')
  t.strictSame(headingsOf('## [Link](http://a.b "t") and `code` and **bold** snake_case'), [
    { level: 2, text: 'Link and code and bold snake_case' },
  ])
  t.equal(headingsOf('# a\n'.repeat(2000)).length, 1000)
})

t.test('prose: a paragraph or a list entry a block, without headings, tables, rules and code', async (t) => {
  const text =
    '# Title\nOne line\ncontinued.\n\n* first\n  still first\n2) second\n\n> quoted\n\n| a | b |\n***\n```\ncode\n```\nend'
  t.strictSame(proseBlocks(text, { markdown: true }), [
    'One line continued.',
    'first still first',
    'second',
    'quoted',
    'end',
  ])
})

t.test('plain text keeps what looks like headings and tables', async (t) => {
  t.strictSame(proseBlocks('# not a heading\n| a |\n\nb', { markdown: false }), [
    '# not a heading | a |',
    'b',
  ])
})
