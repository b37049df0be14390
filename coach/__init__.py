"""Kikitori: a coach for hearings with municipal staff."""
