"""Stories: each rule's own case in relative time, through the whole lane, and its innocent twin."""
