import {
  type Design,
  linearDesign,
  polynomialDesign,
} from '../../../../../../services/agents/report/analysis/statistics/least-squares.ts'

/** NIST Statistical Reference Datasets, linear regression: data and certified values (public figures). */
export interface RegressionSet {
  name: string
  design: Design
  hasIntercept: boolean
  y: number[]
  coefficients: number[]
  standardErrors: number[]
  residualStdDev: number
  rSquared: number
  digits: number
}

const numbers = (text: string): number[] => text.trim().split(/\s+/).map(Number)

/** Columns of a text with `width` numbers a row. */
function columnsOf(text: string, width: number): number[][] {
  const all = numbers(text)
  return Array.from({ length: width }, (_, j) => all.filter((_, i) => i % width === j))
}

const [norrisX, norrisY] = columnsOf(
  `0.2 0.1 337.4 338.8 118.2 118.1 884.6 888.0 10.1 9.2 226.5 228.1 666.3 668.5 996.3 998.5 448.6 449.1
  777.0 778.9 558.2 559.2 0.4 0.3 0.6 0.1 775.5 778.1 666.9 668.8 338.0 339.3 447.5 448.9 11.6 10.8
  556.0 557.7 228.1 228.3 995.8 998.0 887.6 888.8 120.2 119.6 0.3 0.3 0.3 0.6 556.8 557.6 339.1 339.3
  887.2 888.0 999.0 998.5 779.0 778.9 11.1 10.2 118.3 117.6 229.2 228.9 669.1 668.4 448.9 449.2 0.5 0.2`,
  2,
) as [number[], number[]]

const pontiusX = Array.from({ length: 40 }, (_, i) => 150_000 * ((i % 20) + 1))
const pontiusY = numbers(`
.11019 .21956 .32949 .43899 .54803 .65694 .76562 .87487 .98292 1.09146
1.20001 1.30822 1.41599 1.52399 1.63194 1.73947 1.84646 1.95392 2.06128 2.16844
.11052 .22018 .32939 .43886 .54798 .65739 .76596 .87474 .98300 1.09150
1.20004 1.30818 1.41613 1.52408 1.63159 1.73965 1.84696 1.95445 2.06177 2.16829`)

const [filipY, filipX] = columnsOf(
  `0.8116 -6.860120914 0.9072 -4.324130045 0.9052 -4.358625055 0.9039 -4.358426747 0.8053 -6.955852379
  0.8377 -6.661145254 0.8667 -6.355462942 0.8809 -6.118102026 0.7975 -7.115148017 0.8162 -6.815308569
  0.8515 -6.519993057 0.8766 -6.204119983 0.8885 -5.853871964 0.8859 -6.109523091 0.8959 -5.79832982
  0.8913 -5.482672118 0.8959 -5.171791386 0.8971 -4.851705903 0.9021 -4.517126416 0.909 -4.143573228
  0.9139 -3.709075441 0.9199 -3.499489089 0.8692 -6.300769497 0.8872 -5.953504836 0.89 -5.642065153
  0.891 -5.031376979 0.8977 -4.680685696 0.9035 -4.329846955 0.9078 -3.928486195 0.7675 -8.56735134
  0.7705 -8.363211311 0.7713 -8.107682739 0.7736 -7.823908741 0.7775 -7.522878745 0.7841 -7.218819279
  0.7971 -6.920818754 0.8329 -6.628932138 0.8641 -6.323946875 0.8804 -5.991399828 0.7668 -8.781464495
  0.7633 -8.663140179 0.7678 -8.473531488 0.7697 -8.247337057 0.77 -7.971428747 0.7749 -7.676129393
  0.7796 -7.352812702 0.7897 -7.072065318 0.8131 -6.774174009 0.8498 -6.478861916 0.8741 -6.159517513
  0.8061 -6.835647144 0.846 -6.53165267 0.8751 -6.224098421 0.8856 -5.910094889 0.8919 -5.598599459
  0.8934 -5.290645224 0.894 -4.974284616 0.8957 -4.64454848 0.9047 -4.290560426 0.9129 -3.885055584
  0.9209 -3.408378962 0.9219 -3.13200249 0.7739 -8.726767166 0.7681 -8.66695597 0.7665 -8.511026475
  0.7703 -8.165388579 0.7702 -7.886056648 0.7761 -7.588043762 0.7809 -7.283412422 0.7961 -6.995678626
  0.8253 -6.691862621 0.8602 -6.392544977 0.8809 -6.067374056 0.8301 -6.684029655 0.8664 -6.378719832
  0.8834 -6.065855188 0.8898 -5.752272167 0.8964 -5.132414673 0.8963 -4.811352704 0.9074 -4.098269308
  0.9119 -3.66174277 0.9228 -3.2644011`,
  2,
) as [number[], number[]]

const [longleyY, ...longleyX] = columnsOf(
  `60323 83.0 234289 2356 1590 107608 1947
  61122 88.5 259426 2325 1456 108632 1948
  60171 88.2 258054 3682 1616 109773 1949
  61187 89.5 284599 3351 1650 110929 1950
  63221 96.2 328975 2099 3099 112075 1951
  63639 98.1 346999 1932 3594 113270 1952
  64989 99.0 365385 1870 3547 115094 1953
  63761 100.0 363112 3578 3350 116219 1954
  66019 101.2 397469 2904 3048 117388 1955
  67857 104.6 419180 2822 2857 118734 1956
  68169 108.4 442769 2936 2798 120445 1957
  66513 110.8 444546 4681 2637 121950 1958
  68655 112.6 482704 3813 2552 123366 1959
  69564 114.2 502601 3931 2514 125368 1960
  69331 115.7 518173 4806 2572 127852 1961
  70551 116.9 554894 4007 2827 130081 1962`,
  7,
) as [number[], ...number[][]]

const wamplerX = Array.from({ length: 21 }, (_, i) => i)
const wampler1Y = wamplerX.map((x) => 1 + x + x ** 2 + x ** 3 + x ** 4 + x ** 5)
/** Σ (x/10)^k has five decimals: made as a whole number of 1e-5, so that it is rounded once. */
const wampler2Y = wamplerX.map(
  (x) => (100_000 + 10_000 * x + 1000 * x ** 2 + 100 * x ** 3 + 10 * x ** 4 + x ** 5) / 100_000,
)
const wamplerDelta = numbers(
  '759 -2048 2048 -2048 2523 -2048 2048 -2048 1838 -2048 2048 -2048 1838 -2048 2048 -2048 2523 -2048 2048 -2048 759',
)

/** Wampler3–5: the same errors times 1, 100 and 10,000. */
function noisyWampler(name: string, noise: number, rSquared: number): RegressionSet {
  const errors = [
    2152.3262467817, 2363.55173469681, 779.343524331583, 101.47550755035, 5.64566512170752, 0.112324854679312,
  ]
  return {
    name,
    design: polynomialDesign(wamplerX, 5),
    hasIntercept: true,
    y: wampler1Y.map((y, i) => y + noise * wamplerDelta[i]!),
    coefficients: [1, 1, 1, 1, 1, 1],
    standardErrors: errors.map((error) => error * noise),
    residualStdDev: 2360.14502379268 * noise,
    rSquared,
    digits: 9,
  }
}

const exactWampler = (name: string, y: number[], coefficients: number[]): RegressionSet => ({
  name,
  design: polynomialDesign(wamplerX, 5),
  hasIntercept: true,
  y,
  coefficients,
  standardErrors: [0, 0, 0, 0, 0, 0],
  residualStdDev: 0,
  rSquared: 1,
  digits: 9,
})

export const REGRESSION_SETS: RegressionSet[] = [
  {
    name: 'Norris',
    design: polynomialDesign(norrisX, 1),
    hasIntercept: true,
    y: norrisY,
    coefficients: [-0.262323073774029, 1.00211681802045],
    standardErrors: [0.232818234301152, 0.429796848199937e-3],
    residualStdDev: 0.884796396144373,
    rSquared: 0.999993745883712,
    digits: 9,
  },
  {
    name: 'Pontius',
    design: polynomialDesign(pontiusX, 2),
    hasIntercept: true,
    y: pontiusY,
    coefficients: [0.673565789473684e-3, 0.732059160401003e-6, -0.316081871345029e-14],
    standardErrors: [0.107938612033077e-3, 0.157817399981659e-9, 0.486652849992036e-16],
    residualStdDev: 0.205177424076185e-3,
    rSquared: 0.999999900178537,
    digits: 9,
  },
  {
    name: 'NoInt1',
    design: polynomialDesign(
      Array.from({ length: 11 }, (_, i) => 60 + i),
      1,
      false,
    ),
    hasIntercept: false,
    y: Array.from({ length: 11 }, (_, i) => 130 + i),
    coefficients: [2.07438016528926],
    standardErrors: [0.165289256198347e-1],
    residualStdDev: 3.56753034006338,
    rSquared: 0.999365492298663,
    digits: 9,
  },
  {
    name: 'NoInt2',
    design: polynomialDesign([4, 5, 6], 1, false),
    hasIntercept: false,
    y: [3, 4, 4],
    coefficients: [0.727272727272727],
    standardErrors: [0.420827318078432e-1],
    residualStdDev: 0.369274472937998,
    rSquared: 0.993348115299335,
    digits: 9,
  },
  {
    name: 'Filip',
    design: polynomialDesign(filipX, 10),
    hasIntercept: true,
    y: filipY,
    coefficients: [
      -1467.4896142298, -2772.17959193342, -2316.37108160893, -1127.97394098372, -354.478233703349,
      -75.1242017393757, -10.8753180355343, -1.06221498588947, -0.670191154593408e-1, -0.246781078275479e-2,
      -0.402962525080404e-4,
    ],
    standardErrors: [
      298.084530995537, 559.77986547495, 466.477572127796, 227.204274477751, 71.6478660875927, 15.28971787474,
      2.23691159816033, 0.221624321934227, 0.142363763154724e-1, 0.535617408889821e-3, 0.896632837373868e-5,
    ],
    residualStdDev: 0.334801051324544e-2,
    rSquared: 0.99672741618562,
    digits: 9,
  },
  {
    name: 'Longley',
    design: linearDesign(longleyX),
    hasIntercept: true,
    y: longleyY,
    coefficients: [
      -3482258.63459582, 15.0618722713733, -0.35819179292591e-1, -2.02022980381683, -1.03322686717359,
      -0.511041056535807e-1, 1829.15146461355,
    ],
    standardErrors: [
      890420.383607373, 84.9149257747669, 0.334910077722432e-1, 0.488399681651699, 0.214274163161675,
      0.22607320006937, 455.478499142212,
    ],
    residualStdDev: 304.854073561965,
    rSquared: 0.995479004577296,
    digits: 9,
  },
  exactWampler('Wampler1', wampler1Y, [1, 1, 1, 1, 1, 1]),
  exactWampler('Wampler2', wampler2Y, [1, 0.1, 0.01, 0.001, 0.0001, 0.00001]),
  noisyWampler('Wampler3', 1, 0.99999555902582),
  noisyWampler('Wampler4', 100, 0.957478440825662),
  noisyWampler('Wampler5', 10_000, 0.22466892157494e-2),
]
