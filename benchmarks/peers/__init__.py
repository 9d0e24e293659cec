"""The same pure steps on other stream processors, each written as a fan of it would."""
