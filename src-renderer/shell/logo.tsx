/** The mark: two ticks, sent and delivered, that draw a W. */
export function Logo({ size = 24 }: { size?: number }) {
  return (
    <svg aria-hidden="true" height={size} viewBox="0 0 32 32" width={size}>
      <rect fill="#2f4bd0" height="32" rx="8" width="32" />
      <path
        d="M5.5 12.5 10.5 22 16 12.5 20 22 27 9"
        fill="none"
        stroke="#fff"
        strokeLinecap="round"
        strokeLinejoin="round"
        strokeWidth="3.2"
      />
    </svg>
  );
}
