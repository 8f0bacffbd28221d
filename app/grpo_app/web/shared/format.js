// Numbers and times as a person reads them, as `grpo_core.views.numbers` writes them. Unknown is always “—”.
"use strict";

export const UNKNOWN = "—";

/** About three significant digits. */
export function number(value) {
  if (value === null || value === undefined) return UNKNOWN;
  const size = Math.abs(value);
  if (size >= 10_000) return count(Math.round(value));
  if (size > 0 && size < 0.01) return withMinus(size < 0.001 ? value.toExponential(0) : value.toFixed(3));
  return withMinus(value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2));
}

export function signed(value, digits = 2) {
  if (value === null || value === undefined) return UNKNOWN;
  const text = withMinus(value.toFixed(digits));
  return value < 0 ? text : `+${text}`;
}

/** Thousands set apart: `12 345`. */
export function count(value) {
  return value === null || value === undefined ? UNKNOWN : value.toLocaleString("en-US").replaceAll(",", "\u00A0");
}

/** A rate in [0, 1] as whole percents; a rate that only rounds to 0 or 100 says so. */
export function percent(rate) {
  if (rate === null || rate === undefined) return UNKNOWN;
  if (rate > 0 && rate < 0.005) return "<1\u00A0%";
  if (rate >= 0.995 && rate < 1) return ">99\u00A0%";
  return `${(rate * 100).toFixed(0)}\u00A0%`;
}

/** A sentence in which no line ends between a number and its percent sign. */
export function unbroken(sentence) {
  return sentence.replace(/(\d) %/g, "$1\u00A0%");
}

/** `0:07`, `12:30`, `1:02:03`, `2 d 03:04`. */
export function duration(seconds) {
  if (seconds === null || seconds === undefined) return UNKNOWN;
  const whole = Math.max(0, Math.trunc(seconds));
  const two = (part) => String(part).padStart(2, "0");
  const [days, hours] = [Math.floor(whole / 86_400), Math.floor(whole / 3600) % 24];
  const [minutes, rest] = [Math.floor(whole / 60) % 60, whole % 60];
  if (days) return `${days} d ${two(hours)}:${two(minutes)}`;
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

function withMinus(text) {
  return text.replace("-", "−");
}

export function dateTime(iso) {
  const date = iso ? new Date(iso) : null;
  return date && !Number.isNaN(date.getTime())
    ? date.toLocaleString("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" })
    : UNKNOWN;
}
