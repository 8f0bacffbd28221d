// On a narrow page, or far down a long group, what was picked would be out of sight.
"use strict";

/** Scrolls to the group's head if it is out of sight. */
export function bringIntoSight() {
  const detail = document.getElementById("panel-group-detail");
  const { top } = detail.getBoundingClientRect();
  if (top < 0 || top > innerHeight * 0.8) detail.scrollIntoView({ block: "start" });
}
