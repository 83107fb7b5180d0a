import t from 'tap'
import { detectEncoding } from '../../../../../services/agents/report/ingest/text/detect-encoding.ts'

/** Each as Python's codec of that name writes it: `text.encode(codec).hex()`. */
const SAMPLES: [codec: string, text: string, hex: string][] = [
  [
    'cp1251',
    'город,сумма\nМосква,10\nКазань,20\nСамара,30\n',
    'e3eef0eee42cf1f3ecece00acceef1eae2e02c31300acae0e7e0edfc2c32300ad1e0ece0f0e02c33300a',
  ],
  [
    'koi8_r',
    'город,сумма\nМосква,10\nКазань,20\nСамара,30\n',
    'c7cfd2cfc42cd3d5cdcdc10aedcfd3cbd7c12c31300aebc1dac1ced82c32300af3c1cdc1d2c12c33300a',
  ],
  [
    'cp866',
    'город,сумма\nМосква,10\nКазань,20\nСамара,30\n',
    'a3aee0aea42ce1e3acaca00a8caee1aaa2a02c31300a8aa0a7a0adec2c32300a91a0aca0e0a02c33300a',
  ],
  [
    'cp1253',
    'πόλη,τιμή\nΑθήνα,10\nΠάτρα,20\nΛάρισα,30\n',
    'f0fcebe72cf4e9ecde0ac1e8deede12c31300ad0dcf4f1e12c32300acbdcf1e9f3e12c33300a',
  ],
  ['cp1255', 'עיר,ערך\nירושלים,10\nחיפה,20\n', 'f2e9f82cf2f8ea0ae9f8e5f9ece9ed2c31300ae7e9f4e42c32300a'],
  [
    'cp1256',
    'المدينة,القيمة\nالقاهرة,10\nالرياض,20\n',
    'c7e1e3cfede4c92cc7e1deede3c90ac7e1dec7e5d1c92c31300ac7e1d1edc7d62c32300a',
  ],
  [
    'shift_jis',
    '国,売上\n日本,10\nフランス,20\nドイツ,30\n',
    '8d912c94848fe30a93fa967b2c31300a83748389839383582c32300a8368834383632c33300a',
  ],
  [
    'euc_jp',
    '国,売上\n日本,10\nフランス,20\nドイツ,30\n',
    'b9f12cc7e4bee50ac6fccbdc2c31300aa5d5a5e9a5f3a5b92c32300aa5c9a5a4a5c42c33300a',
  ],
  [
    'gb18030',
    '城市,销售额\n北京,10\n上海,20\n广州,30\n',
    'b3c7cad02ccffacadbb6ee0ab1b1bea92c31300ac9cfbaa32c32300ab9e3d6dd2c33300a',
  ],
  [
    'big5',
    '城市,銷售額\n台北,10\n高雄,20\n台中,30\n',
    'abb0a5ab2cbe50b0e2c3420aa578a55f2c31300ab0aab6af2c32300aa578a4a42c33300a',
  ],
  [
    'euc_kr',
    '도시,매출\n서울,10\n부산,20\n대구,30\n',
    'b5b5bdc32cb8c5c3e20abcadbfef2c31300abacebbea2c32300ab4ebb1b82c33300a',
  ],
  [
    'tis_620',
    'เมือง,ยอดขาย\nกรุงเทพ,10\nภูเก็ต,20\n',
    'e0c1d7cda72cc2cdb4a2d2c20aa1c3d8a7e0b7be2c31300ac0d9e0a1e7b52c32300a',
  ],
  [
    'cp1250',
    'miasto,wartość\nŁódź,10\nKraków,20\nGdańsk,30\nPoznań,40\nŚwiętochłowice,50\n',
    '6d696173746f2c776172746f9ce60aa3f3649f2c31300a4b72616bf3772c32300a476461f1736b2c33300a506f7a6e61f12c34300a8c7769ea746f6368b36f776963652c35300a',
  ],
  [
    'cp1252',
    'stadt;größe\nKöln;1,5\nMünchen;2\nDüsseldorf;3\nNürnberg;4\nWürzburg;5\nLübeck;6\n',
    '73746164743b6772f6df650a4bf66c6e3b312c350a4dfc6e6368656e3b320a44fc7373656c646f72663b330a4efc726e626572673b340a57fc727a627572673b350a4cfc6265636b3b360a',
  ],
]

t.test('short tables in the encodings of many scripts', async (t) => {
  for (const [codec, text, hex] of SAMPLES) {
    const bytes = Buffer.from(hex, 'hex')
    const { label, sureness } = detectEncoding(bytes)
    t.equal(new TextDecoder(label).decode(bytes), text, codec)
    t.not(sureness, 'guess', codec)
  }
})

t.test('a few letters beyond ASCII are Windows-1252, and called a guess', async (t) => {
  for (const text of [
    'date,Temp (\xb0C)\n1,5\n',
    'a,price \xa3\n1,2\n',
    'x,\xb5m\n1,2\n',
    'Malm\xf6,3\n',
    'it\x92s 5 \x80',
  ]) {
    t.match(detectEncoding(Buffer.from(text, 'latin1')), { label: 'windows-1252', sureness: 'guess' }, text)
  }
})

t.test('the table of a large file tells, not its numbers', async (t) => {
  const numbers = Buffer.from('1,2,3\n'.repeat(100_000))
  const names = Buffer.from('cce0eaf1e8ecf3ec2cc8e2e0ede0ec2cd1e0ece0f0e00a', 'hex')
  t.match(detectEncoding(Buffer.concat([numbers, names])), { label: 'windows-1251' })
})
