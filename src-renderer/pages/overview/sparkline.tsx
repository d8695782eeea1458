const WIDTH = 72;
const HEIGHT = 26;

export type SparklineProps = {
  values: readonly number[];
  colour: string;
  /** False for shares, of which only the differences can be seen. */
  fromZero?: boolean | undefined;
};

/** The shape of a figure over the period, beside its number; the charts below have the values. */
export function Sparkline({ values, colour, fromZero = true }: SparklineProps) {
  if (values.length < 2) return null;
  const lowest = fromZero ? 0 : Math.min(...values);
  const highest = Math.max(...values, lowest + 1e-9);
  const points = values.map((value, index) => {
    const x = (index / (values.length - 1)) * WIDTH;
    const y = HEIGHT - 2 - ((value - lowest) / (highest - lowest)) * (HEIGHT - 4);
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  });
  return (
    <svg aria-hidden="true" height={HEIGHT} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width={WIDTH}>
      <polygon fill={colour} opacity={0.12} points={`0,${HEIGHT} ${points.join(" ")} ${WIDTH},${HEIGHT}`} />
      <polyline
        fill="none"
        points={points.join(" ")}
        stroke={colour}
        strokeLinejoin="round"
        strokeWidth={1.5}
      />
    </svg>
  );
}
