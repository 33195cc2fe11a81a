/**
 * Transcendental functions with one set of bits in every engine. `Math.sin` and its kin differ
 * between engines and their versions; `+ - * /` and `Math.sqrt` do not (IEEE 754), so everything
 * here is built from those five.
 *
 * The algorithms and constants are those of FDLIBM 5.3 (Sun Microsystems, 1993: s_sin, s_cos,
 * s_tan, e_asin, e_acos, s_atan, e_atan2, e_exp, e_log, e_pow, e_log10 and the kernels k_*), with
 * FreeBSD's forms of log2, log10 and of the reduction of medium angles (e_rem_pio2). Departures:
 * angles above 2^20 pi/2 are reduced exactly with integers instead of Payne and Hanek's floating
 * table; `pow` next to one keeps its product exact; `hypot` is a scaled square root; special
 * values are those of ECMAScript's `Math`.
 *
 * Errors against the exact value: below 1 ulp, `tan`, `log2`, `log10` and `hypot` below 2 ulp.
 */

/** One double seen as two words; which of them is the high one depends on the machine. */
const DOUBLE = new Float64Array(1);
const WORDS = new Int32Array(DOUBLE.buffer);
const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
const HIGH = LITTLE_ENDIAN ? 1 : 0;
const LOW = 1 - HIGH;

/** Sign, exponent and the upper 20 bits of the fraction. */
function highWord(x: number): number {
  DOUBLE[0] = x;
  return WORDS[HIGH]!;
}

function withHighWord(x: number, high: number): number {
  DOUBLE[0] = x;
  WORDS[HIGH] = high;
  return DOUBLE[0];
}

/** The leading 21 bits of the significand: a product of two such is exact. */
function leading(x: number): number {
  DOUBLE[0] = x;
  WORDS[LOW] = 0;
  return DOUBLE[0];
}

/** 2^k for k in the normal range [-1022, 1023]. */
function powerOfTwo(k: number): number {
  return withHighWord(0, (k + 1023) << 20);
}

const MAGNITUDE = 0x7fffffff;

// ---- trigonometry -------------------------------------------------------------------------------

const S1 = -1.66666666666666324348e-1;
const S2 = 8.33333333332248946124e-3;
const S3 = -1.98412698298579493134e-4;
const S4 = 2.75573137070700676789e-6;
const S5 = -2.50507602534068634195e-8;
const S6 = 1.58969099521155010221e-10;

/** Sine of x + tail for |x| <= pi/4. */
function sineKernel(x: number, tail: number): number {
  const z = x * x;
  const w = z * z;
  const r = S2 + z * (S3 + z * S4) + z * w * (S5 + z * S6);
  const v = z * x;
  return x - (z * (0.5 * tail - v * r) - tail - v * S1);
}

const C1 = 4.16666666666666019037e-2;
const C2 = -1.38888888888741095749e-3;
const C3 = 2.48015872894767294178e-5;
const C4 = -2.75573143513906633035e-7;
const C5 = 2.0875723212981748279e-9;
const C6 = -1.13596475577881948265e-11;

/** Cosine of x + tail for |x| <= pi/4. */
function cosineKernel(x: number, tail: number): number {
  const z = x * x;
  const w = z * z;
  const r = z * (C1 + z * (C2 + z * C3)) + w * w * (C4 + z * (C5 + z * C6));
  const half = 0.5 * z;
  const one = 1 - half;
  return one + (1 - one - half + (z * r - x * tail));
}

const T0 = 3.33333333333334091986e-1;
const T1 = 1.33333333333201242699e-1;
const T2 = 5.39682539762260521377e-2;
const T3 = 2.18694882948595424599e-2;
const T4 = 8.86323982359930005737e-3;
const T5 = 3.59207910759131235356e-3;
const T6 = 1.45620945432529025516e-3;
const T7 = 5.88041240820264096874e-4;
const T8 = 2.46463134818469906812e-4;
const T9 = 7.817944429395570923e-5;
const T10 = 7.14072491382608190305e-5;
const T11 = -1.85586374855275456654e-5;
const T12 = 2.59073051863633712884e-5;
const QUARTER_PI = 7.85398163397448278999e-1;
const QUARTER_PI_TAIL = 3.06161699786838301793e-17;
/** High word of 0.67434: from there on the tangent is taken of the complement. */
const TAN_LARGE = 0x3fe59428;

/** tan(x + tail) for |x| <= pi/4, or -1/tan when `reciprocal`. */
function tangentKernel(x: number, tail: number, reciprocal: boolean): number {
  const negative = x < 0;
  const large = (highWord(x) & MAGNITUDE) >= TAN_LARGE;
  let a = x;
  let b = tail;
  if (large) {
    a = QUARTER_PI - (negative ? -x : x) + (QUARTER_PI_TAIL - (negative ? -tail : tail));
    b = 0;
  }
  const z = a * a;
  const w = z * z;
  const odd = T1 + w * (T3 + w * (T5 + w * (T7 + w * (T9 + w * T11))));
  const even = z * (T2 + w * (T4 + w * (T6 + w * (T8 + w * (T10 + w * T12)))));
  const s = z * a;
  const r = b + z * (s * (odd + even) + b) + T0 * s;
  const sum = a + r;
  if (large) {
    const v = reciprocal ? -1 : 1;
    const result = v - 2 * (a - ((sum * sum) / (sum + v) - r));
    return negative ? -result : result;
  }
  if (!reciprocal) return sum;
  const sumHead = leading(sum);
  const inverse = -1 / sum;
  const inverseHead = leading(inverse);
  const rest = 1 + inverseHead * sumHead;
  return inverseHead + inverse * (rest + inverseHead * (r - (sumHead - a)));
}

const TWO_OVER_PI = 6.36619772367581382433e-1;
/** pi/2 in pieces of 33 bits, each followed by the rest to 53 bits. */
const HALF_PI_1 = 1.57079632673412561417;
const HALF_PI_1_REST = 6.07710050650619224932e-11;
const HALF_PI_2 = 6.0771005063039659766e-11;
const HALF_PI_2_REST = 2.02226624879595063154e-21;
const HALF_PI_3 = 2.0222662487111664558e-21;
const HALF_PI_3_REST = 8.47842766036889956997e-32;
/** High word of 2^20 pi/2. */
const MEDIUM_LIMIT = 0x413921fb;

/**
 * What `reduce` left: x = quadrant * pi/2 + REDUCED[0] + REDUCED[1], the quadrant modulo 4. An
 * array and not two variables, because engines box a double that a closure shares.
 */
const REDUCED = new Float64Array(2);

/** Reduces a finite angle with |x| > pi/4 and returns its quadrant, [0, 3]. */
function reduce(x: number): number {
  if ((highWord(x) & MAGNITUDE) >= MEDIUM_LIMIT) return reduceLarge(x);
  const n = Math.floor(x * TWO_OVER_PI + 0.5);
  let r = x - n * HALF_PI_1;
  let w = n * HALF_PI_1_REST;
  const exponent = (highWord(x) >> 20) & 0x7ff;
  let remainder = r - w;
  // Cancellation of more than 16 (49) bits calls for the second (third) piece of pi/2.
  if (exponent - ((highWord(remainder) >> 20) & 0x7ff) > 16) {
    let t = r;
    w = n * HALF_PI_2;
    r = t - w;
    w = n * HALF_PI_2_REST - (t - r - w);
    remainder = r - w;
    if (exponent - ((highWord(remainder) >> 20) & 0x7ff) > 49) {
      t = r;
      w = n * HALF_PI_3;
      r = t - w;
      w = n * HALF_PI_3_REST - (t - r - w);
      remainder = r - w;
    }
  }
  REDUCED[0] = remainder;
  REDUCED[1] = r - remainder - w;
  return n & 3;
}

/** floor(2/pi * 2^1200): enough for the largest double (exponent 971) with 176 bits to spare. */
const TWO_OVER_PI_1200 = BigInt(
  [
    "0x",
    "a2f9836e4e441529fc2757d1f534ddc0db6295993c439041fe5163abdebbc561b7246e3a424",
    "dd2e006492eea09d1921cfe1deb1cb129a73ee88235f52ebb4484e99c7026b45f7e413991d6",
    "39835339f49c845f8bbdf9283b1ff897ffde05980fef2f118b5a0a6d1f6d367ecf27cb09b74",
    "f463f669e5fea2d7527bac7ebe5f17b3d0739f78a5292ea6bfb5fb11f8d5d0856033046fc7b",
  ].join(""),
);
/** floor(pi/2 * 2^200). */
const HALF_PI_200 = 0x1921fb54442d18469898cc51701b839a252049c1114cf98e804n;
const TWO_TO_MINUS_200 = powerOfTwo(-200);

/**
 * Exact reduction: the significand times 2/pi as an integer, its fraction rounded to [-1/2, 1/2).
 * The nearest any double comes to a multiple of pi/2 is 2^-62, so 200 bits leave more than 2 x 53.
 */
function reduceLarge(x: number): number {
  const high = highWord(x);
  const low = WORDS[LOW]! >>> 0;
  const exponent = ((high >> 20) & 0x7ff) - 1075;
  const significand = (BigInt((high & 0xfffff) | 0x100000) << 32n) | BigInt(low);
  const shift = BigInt(1200 - exponent);
  const product = significand * TWO_OVER_PI_1200;
  const whole = (product + (1n << (shift - 1n))) >> shift;
  const fraction = (product - (whole << shift)) >> (shift - 200n);
  const exact = (fraction * HALF_PI_200) >> 200n;
  const head = Number(exact);
  const sign = x > 0 ? 1 : -1;
  REDUCED[0] = sign * head * TWO_TO_MINUS_200;
  REDUCED[1] = sign * Number(exact - BigInt(head)) * TWO_TO_MINUS_200;
  const quadrant = Number(whole & 3n);
  return x > 0 ? quadrant : -quadrant & 3;
}

/** High word of pi/4. */
const QUARTER_PI_HIGH = 0x3fe921fb;
/** High word of infinity. */
const INFINITE = 0x7ff00000;

/** Sine of an angle in radians. */
export function sin(xRad: number): number {
  const magnitude = highWord(xRad) & MAGNITUDE;
  if (magnitude <= QUARTER_PI_HIGH) {
    return magnitude < 0x3e500000 ? xRad : sineKernel(xRad, 0);
  }
  if (magnitude >= INFINITE) return NaN;
  const quadrant = reduce(xRad);
  const value =
    (quadrant & 1) === 0
      ? sineKernel(REDUCED[0]!, REDUCED[1]!)
      : cosineKernel(REDUCED[0]!, REDUCED[1]!);
  return quadrant < 2 ? value : -value;
}

/** Cosine of an angle in radians. */
export function cos(xRad: number): number {
  const magnitude = highWord(xRad) & MAGNITUDE;
  if (magnitude <= QUARTER_PI_HIGH) return cosineKernel(xRad, 0);
  if (magnitude >= INFINITE) return NaN;
  const quadrant = reduce(xRad);
  const value =
    (quadrant & 1) === 0
      ? cosineKernel(REDUCED[0]!, REDUCED[1]!)
      : sineKernel(REDUCED[0]!, REDUCED[1]!);
  return quadrant === 0 || quadrant === 3 ? value : -value;
}

/** Tangent of an angle in radians. */
export function tan(xRad: number): number {
  const magnitude = highWord(xRad) & MAGNITUDE;
  if (magnitude <= QUARTER_PI_HIGH) {
    return magnitude < 0x3e400000 ? xRad : tangentKernel(xRad, 0, false);
  }
  if (magnitude >= INFINITE) return NaN;
  const quadrant = reduce(xRad);
  return tangentKernel(REDUCED[0]!, REDUCED[1]!, (quadrant & 1) === 1);
}

const HALF_PI = 1.570796326794896558;
const HALF_PI_TAIL = 6.12323399573676603587e-17;

/** Rational approximation of (asin(x) - x) / x^3 in z = x^2, z <= 1/4. */
function arcRatio(z: number): number {
  const p =
    z *
    (1.66666666666666657415e-1 +
      z *
        (-3.25565818622400915405e-1 +
          z *
            (2.01212532134862925881e-1 +
              z *
                (-4.00555345006794114027e-2 +
                  z * (7.91534994289814532176e-4 + z * 3.4793310759602116757e-5)))));
  const q =
    1 +
    z *
      (-2.40339491173441421878 +
        z *
          (2.02094576023350569471 +
            z * (-6.8828397160545329303e-1 + z * 7.70381505559019352791e-2)));
  return p / q;
}

/** Arcsine in radians, [-pi/2, pi/2]; not a number outside [-1, 1]. */
export function asin(x: number): number {
  const magnitude = x < 0 ? -x : x;
  if (!(magnitude <= 1)) return NaN;
  if (magnitude < 0.5) {
    return magnitude < 1.4901161193847656e-8 ? x : x + x * arcRatio(x * x);
  }
  const z = (1 - magnitude) * 0.5;
  const s = Math.sqrt(z);
  const r = arcRatio(z);
  let result: number;
  if (magnitude > 0.975) result = HALF_PI - (2 * (s + s * r) - HALF_PI_TAIL);
  else {
    const head = leading(s);
    const c = (z - head * head) / (s + head);
    result = QUARTER_PI - (2 * s * r - (HALF_PI_TAIL - 2 * c) - (QUARTER_PI - 2 * head));
  }
  return x < 0 ? -result : result;
}

/** Arccosine in radians, [0, pi]; not a number outside [-1, 1]. */
export function acos(x: number): number {
  if (!(x >= -1 && x <= 1)) return NaN;
  if (x === 1) return 0;
  if (x > -0.5 && x < 0.5) return HALF_PI - (x - (HALF_PI_TAIL - x * arcRatio(x * x)));
  if (x < 0) {
    const z = (1 + x) * 0.5;
    const s = Math.sqrt(z);
    return 2 * (HALF_PI - (s + (arcRatio(z) * s - HALF_PI_TAIL)));
  }
  const z = (1 - x) * 0.5;
  const s = Math.sqrt(z);
  const head = leading(s);
  const c = (z - head * head) / (s + head);
  return 2 * (head + (arcRatio(z) * s + c));
}

/** atan(1/2), atan(1), atan(3/2), atan(infinity), and what each lacks of the exact value. */
const ATAN_POINTS = [
  4.63647609000806093515e-1,
  7.85398163397448278999e-1,
  9.82793723247329054082e-1,
  HALF_PI,
] as const;
const ATAN_POINT_TAILS = [
  2.26987774529616870924e-17,
  3.06161699786838301793e-17,
  1.39033110312309984516e-17,
  HALF_PI_TAIL,
] as const;

/** The series of (x - atan x) / x for |x| < 7/16. */
function arctanSeries(x: number): number {
  const z = x * x;
  const w = z * z;
  const odd =
    z *
    (3.33333333333329318027e-1 +
      w *
        (1.42857142725034663711e-1 +
          w *
            (9.09088713343650656196e-2 +
              w *
                (6.66107313738753120669e-2 +
                  w * (4.97687799461593236017e-2 + w * 1.62858201153657823623e-2)))));
  const even =
    w *
    (-1.99999999998764832476e-1 +
      w *
        (-1.1111110405462355788e-1 +
          w *
            (-7.69187620504482999495e-2 +
              w * (-5.83357013379057348645e-2 + w * -3.6531572744216915527e-2))));
  return odd + even;
}

/** Arctangent in radians, [-pi/2, pi/2]. */
export function atan(x: number): number {
  const a = x < 0 ? -x : x;
  if (a < 0.4375) return a < 7.450580596923828e-9 ? x : x - x * arctanSeries(x);
  if (!(a < 73786976294838206464)) {
    return Number.isNaN(a) ? NaN : x < 0 ? -HALF_PI : HALF_PI;
  }
  const point = a < 0.6875 ? 0 : a < 1.1875 ? 1 : a < 2.4375 ? 2 : 3;
  const t = arctanArgument(a, point);
  const result = ATAN_POINTS[point] - (t * arctanSeries(t) - ATAN_POINT_TAILS[point] - t);
  return x < 0 ? -result : result;
}

/** tan(atan(a) - atan of the point). */
function arctanArgument(a: number, point: 0 | 1 | 2 | 3): number {
  if (point === 0) return (2 * a - 1) / (2 + a);
  if (point === 1) return (a - 1) / (a + 1);
  return point === 2 ? (a - 1.5) / (1 + 1.5 * a) : -1 / a;
}

const PI = 3.141592653589793116;
const PI_TAIL = 1.2246467991473531772e-16;

/** Angle of the point (x, y) in radians, [-pi, pi], with the signs of zeros respected. */
export function atan2(y: number, x: number): number {
  if (Number.isNaN(x) || Number.isNaN(y)) return NaN;
  const left = x < 0 || Object.is(x, -0);
  const below = y < 0 || Object.is(y, -0);
  const angle = angleInHalfPlane(below ? -y : y, x, left);
  return below ? -angle : angle;
}

/** For y >= 0, no value being not-a-number. */
function angleInHalfPlane(y: number, x: number, left: boolean): number {
  if (y === 0) return left ? PI : 0;
  if (x === 0) return HALF_PI;
  if (x === Infinity) return y === Infinity ? QUARTER_PI : 0;
  if (x === -Infinity) return y === Infinity ? 3 * QUARTER_PI : PI;
  if (y === Infinity) return HALF_PI;
  const binades = ((highWord(y) >> 20) & 0x7ff) - ((highWord(x) >> 20) & 0x7ff);
  if (binades > 60) return HALF_PI;
  const quotient = y / x;
  const z = left && binades < -60 ? 0 : atan(quotient < 0 ? -quotient : quotient);
  return left ? PI - (z - PI_TAIL) : z;
}

// ---- exponential and logarithms -----------------------------------------------------------------

const LN2_HIGH = 6.9314718036912381649e-1;
const LN2_LOW = 1.90821492927058770002e-10;
const LOG2_E = 1.442695040888963387;
const P1 = 1.66666666666666019037e-1;
const P2 = -2.77777777770155933842e-3;
const P3 = 6.61375632143793436117e-5;
const P4 = -1.6533902205465251539e-6;
const P5 = 4.13813679705723846039e-8;
const EXP_OVERFLOW = 7.09782712893383973096e2;
const EXP_UNDERFLOW = -7.4513321910194110842e2;

/** x - R(x^2), where R is the rational function of exp's reduction (Remez on [0, 0.34658]). */
function expRemainder(x: number): number {
  const t = x * x;
  return x - t * (P1 + t * (P2 + t * (P3 + t * (P4 + t * P5))));
}

/** y * 2^k without double rounding but in the last step; y in [1/2, 2], k in [-1080, 1024]. */
function scale(y: number, k: number): number {
  if (k > 1023) return y * 2 * powerOfTwo(k - 1);
  return k < -1021 ? y * powerOfTwo(k + 1000) * powerOfTwo(-1000) : y * powerOfTwo(k);
}

/** e^x. */
export function exp(x: number): number {
  if (Number.isNaN(x)) return NaN;
  if (x > EXP_OVERFLOW) return Infinity;
  if (x < EXP_UNDERFLOW) return 0;
  const magnitude = x < 0 ? -x : x;
  if (magnitude < 3.725290298461914e-9) return 1 + x;
  if (magnitude <= 0.5 * (LN2_HIGH + LN2_LOW)) {
    const c = expRemainder(x);
    return 1 - ((x * c) / (c - 2) - x);
  }
  const k = Math.trunc(LOG2_E * x + (x < 0 ? -0.5 : 0.5));
  const high = x - k * LN2_HIGH;
  const low = k * LN2_LOW;
  const r = high - low;
  const c = expRemainder(r);
  return scale(1 - (low - (r * c) / (2 - c) - high), k);
}

/** What `splitLog` left: ln of the significand = f - half + rest, and its power of two. */
const SPLIT = new Float64Array(4);

/** x = 2^SPLIT[3] (1 + SPLIT[0]), the latter in [sqrt(1/2), sqrt(2)]; x positive and finite. */
function splitLog(x: number): void {
  let power = 0;
  let normal = x;
  if (x < 2.2250738585072014e-308) {
    normal = x * 18014398509481984;
    power = -54;
  }
  // Adding 1 - sqrt(1/2) to the high word carries into the exponent just where it should.
  const high = highWord(normal) + (0x3ff00000 - 0x3fe6a09e);
  SPLIT[3] = power + (high >> 20) - 0x3ff;
  const f = withHighWord(normal, (high & 0xfffff) + 0x3fe6a09e) - 1;
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const even = w * (3.999999999940941908e-1 + w * (2.222219843214978396e-1 + w * LG6));
  const odd =
    z *
    (6.66666666666673513e-1 +
      w * (2.857142874366239149e-1 + w * (1.818357216161805012e-1 + w * LG7)));
  const half = 0.5 * f * f;
  SPLIT[0] = f;
  SPLIT[1] = half;
  SPLIT[2] = s * (half + (odd + even));
}

const LG6 = 1.531383769920937332e-1;
const LG7 = 1.479819860510658591e-1;

/** The answer for arguments that have no finite logarithm, `undefined` for the others. */
function improperLog(x: number): number | undefined {
  if (x > 0 && x < Infinity) return undefined;
  if (x === 0) return -Infinity;
  return x === Infinity ? Infinity : NaN;
}

/** Natural logarithm. */
export function ln(x: number): number {
  const improper = improperLog(x);
  if (improper !== undefined) return improper;
  splitLog(x);
  const [logF, logHalf, logRest, logPower] = [SPLIT[0]!, SPLIT[1]!, SPLIT[2]!, SPLIT[3]!];
  return logRest + logPower * LN2_LOW - logHalf + logF + logPower * LN2_HIGH;
}

const LOG2_E_HIGH = 1.44269504072144627571;
const LOG2_E_LOW = 1.67517131648865118353e-10;

/** Logarithm to base two; exact for powers of two. */
export function log2(x: number): number {
  const improper = improperLog(x);
  if (improper !== undefined) return improper;
  splitLog(x);
  const [logF, logHalf, logRest, logPower] = [SPLIT[0]!, SPLIT[1]!, SPLIT[2]!, SPLIT[3]!];
  const high = leading(logF - logHalf);
  const low = logF - high - logHalf + logRest;
  const head = high * LOG2_E_HIGH;
  const rest = (low + high) * LOG2_E_LOW + low * LOG2_E_HIGH;
  const sum = logPower + head;
  return rest + (logPower - sum + head) + sum;
}

const LOG10_E_HIGH = 4.34294481878168880939e-1;
const LOG10_E_LOW = 2.50829467116452752298e-11;
const LOG10_2_HIGH = 3.01029995663611771306e-1;
const LOG10_2_LOW = 3.69423907715893078616e-13;

/** Logarithm to base ten. */
export function log10(x: number): number {
  const improper = improperLog(x);
  if (improper !== undefined) return improper;
  splitLog(x);
  const [logF, logHalf, logRest, logPower] = [SPLIT[0]!, SPLIT[1]!, SPLIT[2]!, SPLIT[3]!];
  const high = leading(logF - logHalf);
  const low = logF - high - logHalf + logRest;
  const head = high * LOG10_E_HIGH;
  const power = logPower * LOG10_2_HIGH;
  const rest = logPower * LOG10_2_LOW + (low + high) * LOG10_E_LOW + low * LOG10_E_HIGH;
  const sum = power + head;
  return rest + (power - sum + head) + sum;
}

// ---- power and length ---------------------------------------------------------------------------

/** x^y with the special cases of ECMAScript: pow(±1, ±infinity) is not a number. */
export function pow(x: number, y: number): number {
  if (y === 0) return 1;
  if (Number.isNaN(x) || Number.isNaN(y)) return NaN;
  const odd = isOddInteger(y);
  const magnitude = x < 0 ? -x : x;
  if (y === Infinity || y === -Infinity) {
    if (magnitude === 1) return NaN;
    return magnitude > 1 === y > 0 ? Infinity : 0;
  }
  const negative = (x < 0 || Object.is(x, -0)) && odd;
  if (magnitude === 0 || magnitude === Infinity) {
    const result = (magnitude === 0) === y > 0 ? 0 : Infinity;
    return negative ? -result : result;
  }
  if (x < 0 && !Number.isInteger(y)) return NaN;
  const result = positivePower(magnitude, y);
  return negative ? -result : result;
}

function isOddInteger(y: number): boolean {
  return Number.isInteger(y) && y % 2 !== 0;
}

/** For finite x > 0 and finite y other than 0. */
function positivePower(x: number, y: number): number {
  if (y === 1) return x;
  if (y === 2) return x * x;
  if (y === 0.5) return Math.sqrt(x);
  if (y === -1) return 1 / x;
  if (x === 1) return 1;
  const magnitude = y < 0 ? -y : y;
  if (magnitude > 2147483648) {
    // Unless x is within 2^-20 of one, the result has long left the range.
    const high = highWord(x);
    if (high < 0x3fefffff || magnitude > 18446744073709551616 * 2)
      return x < 1 === y < 0 ? Infinity : 0;
    if (high > 0x3ff00000) return y > 0 ? Infinity : 0;
    logarithmNearOne(x);
  } else logarithmOfPower(x);
  const yHead = leading(y);
  const high = POWER_LOG[0]!;
  const low = (y - yHead) * high + y * POWER_LOG[1]!;
  return twoToThe(yHead * high, low);
}

/** log2(x) of `pow` in two pieces, together good to about 70 bits. */
const POWER_LOG = new Float64Array(2);

const LOG2_E_20 = 1.44269502162933349609;
const LOG2_E_20_REST = 1.92596299112661746887e-8;

function logarithmNearOne(x: number): void {
  const t = x - 1;
  const w = t * t * (0.5 - t * (0.3333333333333333333333 - t * 0.25));
  // FDLIBM multiplies all 33 bits of t by the 24 of the constant, which costs hundreds of ulps.
  const head = leading(t);
  const u = LOG2_E_20 * head;
  const v = LOG2_E_20 * (t - head) + t * LOG2_E_20_REST - w * LOG2_E;
  const sum = leading(u + v);
  POWER_LOG[0] = sum;
  POWER_LOG[1] = v - (sum - u);
}

/** 2 / (3 ln 2) in 21 bits and the rest; log2(3/2) likewise. */
const CP = 9.61796693925975554329e-1;
const CP_HIGH = 9.61796700954437255859e-1;
const CP_LOW = -7.02846165095275826516e-9;
const LOG2_1_5_HIGH = 5.84962487220764160156e-1;
const LOG2_1_5_LOW = 1.35003920212974897128e-8;

function logarithmOfPower(x: number): void {
  let a = x;
  let n = 0;
  if (a < 2.2250738585072014e-308) {
    a *= 9007199254740992;
    n = -53;
  }
  const high = highWord(a);
  n += (high >> 20) - 0x3ff;
  const fraction = high & 0xfffff;
  // Nearest of 1 and 3/2: below sqrt(3/2), below sqrt(3), or the next power of two.
  const upper = fraction > 0x3988e && fraction < 0xbb67a;
  let word = fraction | 0x3ff00000;
  if (fraction >= 0xbb67a) {
    n += 1;
    word -= 0x100000;
  }
  a = withHighWord(a, word);
  const base = upper ? 1.5 : 1;
  const u = a - base;
  const v = 1 / (a + base);
  const ss = u * v;
  const sHead = leading(ss);
  const tHead = withHighWord(0, ((word >> 1) | 0x20000000) + 0x00080000 + (upper ? 0x40000 : 0));
  const tTail = a - (tHead - base);
  const sTail = v * (u - sHead * tHead - sHead * tTail);
  finishLogarithm({ ss, sHead, sTail, n, upper });
}

interface HalfLog {
  readonly ss: number;
  readonly sHead: number;
  readonly sTail: number;
  readonly n: number;
  readonly upper: boolean;
}

function finishLogarithm({ ss, sHead, sTail, n, upper }: HalfLog): void {
  const square = ss * ss;
  const series =
    5.99999999999994648725e-1 +
    square *
      (4.28571428578550184252e-1 +
        square *
          (3.33333329818377432918e-1 +
            square *
              (2.72728123808534006489e-1 +
                square * (2.30660745775561754067e-1 + square * 2.06975017800338417784e-1))));
  const r = square * square * series + sTail * (sHead + ss);
  const headSquare = sHead * sHead;
  const tHead = leading(3 + headSquare + r);
  const tTail = r - (tHead - 3 - headSquare);
  const u = sHead * tHead;
  const v = sTail * tHead + tTail * ss;
  const pHead = leading(u + v);
  const pTail = v - (pHead - u);
  const zHead = CP_HIGH * pHead;
  const zTail = CP_LOW * pHead + pTail * CP + (upper ? LOG2_1_5_LOW : 0);
  const point = upper ? LOG2_1_5_HIGH : 0;
  const sum = leading(zHead + zTail + point + n);
  POWER_LOG[0] = sum;
  POWER_LOG[1] = zTail - (sum - n - point - zHead);
}

const LN2 = 6.93147180559945286227e-1;
const LN2_20 = 6.93147182464599609375e-1;
const LN2_20_REST = -1.90465429995776804525e-9;
/** -(1024 - log2(largest double + half an ulp)). */
const OVERFLOW_REST = 8.0085662595372944372e-17;

/** 2^(head + rest). */
function twoToThe(head: number, rest: number): number {
  const sum = head + rest;
  if (sum > 1024 || (sum === 1024 && rest + OVERFLOW_REST > sum - head)) return Infinity;
  if (sum < -1075 || (sum === -1075 && rest <= sum - head)) return 0;
  const n = sum > 0.5 || sum < -0.5 ? Math.floor(sum + 0.5) : 0;
  const high = head - n;
  const t = leading(rest + high);
  const u = t * LN2_20;
  const v = (rest - (t - high)) * LN2 + t * LN2_20_REST;
  const z = u + v;
  const w = v - (z - u);
  const c = expRemainder(z);
  return scale(1 - ((z * c) / (c - 2) - (w + z * w) - z), n);
}

/** Length of the vector (x, y, z) without overflow on the way. */
export function hypot(x: number, y: number, z = 0): number {
  const a = x < 0 ? -x : x;
  const b = y < 0 ? -y : y;
  const c = z < 0 ? -z : z;
  const largest = Math.max(a, b, c);
  if (a === Infinity || b === Infinity || c === Infinity) return Infinity;
  if (largest > 1e150) return scaledLength(a, b, c, 600);
  if (largest < 1e-140) return scaledLength(a, b, c, -600);
  return length(a, b, c);
}

function scaledLength(a: number, b: number, c: number, power: number): number {
  const down = powerOfTwo(-power);
  return length(a * down, b * down, c * down) * powerOfTwo(power);
}

function length(a: number, b: number, c: number): number {
  return Math.sqrt(a * a + b * b + c * c);
}
