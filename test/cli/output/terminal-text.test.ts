import t from 'tap'
import { displayWidth, pad, printable, truncate, wrap } from '../../../services/cli/output/terminal-text.ts'

const FAMILY = '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}'
const E_ACUTE = 'e\u0301'
const RED = '\u001b[31m'
const PLAIN = '\u001b[39m'

t.test('text from outside cannot steer the terminal', async (t) => {
  t.equal(printable('a\u001b[31mb\u001b]0;title\u0007c\r\nd\u202ee'), 'abc d e')
})

t.test('columns are counted as a terminal does', async (t) => {
  const cases: [text: string, columns: number, what: string][] = [
    ['', 0, 'nothing'],
    ['plain text', 10, 'ASCII'],
    ['Grüße — …', 9, 'letters with marks of their own'],
    ['✓ ○ ● ─ ├', 9, 'what the CLI draws with'],
    ['日本語', 6, 'kanji'],
    ['한국', 4, 'hangul syllables'],
    ['\u1112\u1161\u11ab', 2, 'a hangul syllable of three letters'],
    ['Ａ！', 4, 'fullwidth forms'],
    ['ｱ', 1, 'a halfwidth form'],
    [E_ACUTE, 1, 'a letter and a combining mark'],
    ['ก็', 1, 'a mark beyond U+036F'],
    ['\u0301', 0, 'a mark alone'],
    ['a\u200bb', 2, 'a space of no width'],
    ['⌚', 2, 'an emoji of one code point'],
    ['\u{1fae0}', 2, 'an emoji of Unicode 14'],
    ['\u{1f44d}\u{1f3fd}', 2, 'a skin tone'],
    ['\u{1f1e9}\u{1f1ea}', 2, 'a flag'],
    ['1\ufe0f\u20e3', 2, 'a keycap'],
    ['\u2764\ufe0f', 2, 'a heart as an emoji'],
    ['\u2764', 1, 'the same as a character'],
    [FAMILY, 2, 'a sequence with joiners'],
    [`${RED}日${PLAIN}`, 2, 'colours take none'],
  ]
  for (const [text, columns, what] of cases) t.equal(displayWidth(text), columns, what)
})

t.test('text is cut by columns, between graphemes', async (t) => {
  t.equal(truncate('abcdef', 4), 'abc…')
  t.equal(truncate('ab', 4), 'ab')
  t.equal(truncate('abcd', 4), 'abcd', 'what fits is left as it is')
  t.equal(truncate('abcd', 1), '…')
  t.equal(truncate('abcd', 0), '')
  t.equal(truncate('日本語', 5), '日本…')
  t.equal(truncate('日本語', 4), '日…', 'half a character is none')
  t.equal(truncate(`${FAMILY}${FAMILY}ab`, 4), `${FAMILY}…`)
  t.equal(truncate(`${FAMILY}abc`, 2), '…', 'a family stays together')
  t.equal(truncate(`${E_ACUTE}${E_ACUTE}${E_ACUTE}`, 2), `${E_ACUTE}…`, 'a mark stays with its letter')
  t.equal(truncate(`${RED}abcdef${PLAIN}`, 4), `${RED}abc…${PLAIN}`, 'a colour ends that began')
  t.equal(truncate(`ab${RED}cd${PLAIN}ef`, 4), `ab${RED}c…${PLAIN}`)
  t.equal(truncate(`${RED}ab${PLAIN}`, 2), `${RED}ab${PLAIN}`)
  for (let width = 1; width < 12; width++)
    t.ok(displayWidth(truncate(`a日${FAMILY}${E_ACUTE}語b日`, width)) <= width, `${width} columns`)
})

t.test('text is filled up to its columns', async (t) => {
  t.equal(pad('ab', 4), 'ab  ')
  t.equal(pad('ab', 4, 'right'), '  ab')
  t.equal(pad('日本', 5), '日本 ')
  t.equal(pad('日本', 5, 'right'), ' 日本')
  t.equal(pad(FAMILY, 3), `${FAMILY} `)
  t.equal(pad(`${RED}a${PLAIN}`, 2), `${RED}a${PLAIN} `)
  t.equal(pad('abc', 2), 'abc', 'nothing is cut')
})

t.test('sentences are broken between words', async (t) => {
  t.strictSame(wrap('one two three', 9), ['  one two', '  three'])
  t.strictSame(wrap('one two three', undefined), ['  one two three'])
  t.strictSame(wrap('日本 語 x', 9), ['  日本 語', '  x'], 'by their columns')
  t.strictSame(wrap('unbreakable x', 5), ['  unbreakable', '  x'], 'a long word has a line of its own')
})
