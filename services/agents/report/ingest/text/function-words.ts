/** Words that only join others, in the languages reports are mostly written in; other languages are told by frequency. */
const ENGLISH =
  'a about after all also although an and any are as at be because been before being between both but by can could did do does down during each either even for from further had has have he her here his how i if in into is it its just like may me might more most much must my neither no nor not now of off on once one only or other our out over own same say says see shall she should since so some still stands such than that the their them then there these they this those though through to too under until up upon us very was we were what when where which while who whom why will with within without would you your'
const GERMAN =
  'aber alle allem allen aller als also am an auch auf aus bei bin bis da dann das dass dem den denn der des die dies diese diesem diesen dieser dieses doch dort du durch ein eine einem einen einer eines er es etwa für gegen haben hat hatte hatten hier ich ihm ihn ihr ihre im in ist ja jede jedem jeden jeder jedes kann kein keine können man mehr mit muss nach nicht noch nun nur ob oder ohne sehr sein seine seit sich sie sind so sowie über um und uns unter vom von vor war waren was weil wenn werden wie wird wir wo wurde wurden zu zum zur zwischen'
const FRENCH =
  'à au aux avec ce ces cette comme dans de des du elle en est et être il ils je la le les leur lui mais même ne nous on ont ou où par pas plus pour qu que qui sa sans se ses si son sont sous sur très un une vous y'
const SPANISH =
  'al como con cuando del desde donde el ella ellos entre era es esta este estos fue ha hasta hay las lo los más muy no o para pero por porque que ser si sin sobre su sus también una uno y ya'

export const FUNCTION_WORDS: ReadonlySet<string> = new Set(
  [ENGLISH, GERMAN, FRENCH, SPANISH].flatMap((words) => words.split(' ')),
)
