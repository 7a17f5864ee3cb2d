"""Publishers' files: the register of sources, fetching, reading, figures as published."""
