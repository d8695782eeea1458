; Keeps what was logged, unless the operator says otherwise. Silent, as an update is, it is never asked.
!macro customUnInstall
  ${ifNot} ${isUpdated}
    IfSilent waybillKeep
    MessageBox MB_YESNO|MB_ICONQUESTION|MB_DEFBUTTON2 "Delete everything that Waybill has logged, too?$\r$\n$\r$\n$LOCALAPPDATA\Waybill" IDNO waybillKeep
    RMDir /r "$LOCALAPPDATA\Waybill"
    waybillKeep:
  ${endIf}
!macroend
