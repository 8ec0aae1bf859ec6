"""Stage: requirements or a roster to waiting times, by discrete events; nothing is assumed but the rules."""
